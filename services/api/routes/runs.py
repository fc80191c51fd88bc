"""/api/projects/{id}/runs: run a node, from a node, or all."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict

from services.api.answers import RunAnswer
from services.api.dependencies import TheContainer, UnitOfWork, member
from services.api.idempotency import Idempotent
from services.core.accounts.authorization import Action, Membership
from services.core.jobs.repository import get_run, list_runs, list_steps
from services.core.jobs.runs import cancel_run, start_run

router = APIRouter(prefix="/api/projects/{project_id}/runs", tags=["runs"])

Viewer = Annotated[Membership, member(Action.VIEW_PROJECT)]
Runner = Annotated[Membership, member(Action.RUN_WORK)]
Canceller = Annotated[Membership, member(Action.CANCEL_WORK)]


class NewRun(BaseModel):
    """What to run. `force` pays again for clips that exist already."""

    model_config = ConfigDict(extra="forbid")
    scope: Literal["node", "from", "all"]
    node_id: UUID | None = None
    force: bool = False


@router.post("", status_code=202, response_model=RunAnswer)
def start_project_run(order: NewRun, membership: Runner, session: UnitOfWork, container: TheContainer, once: Idempotent) -> Response:
    """Start a run within the project's spending limit. What an unchanged node made before is not paid for again."""

    def work() -> RunAnswer:
        run = start_run(
            session,
            project_id=membership.project_id,
            user_id=membership.user_id,
            scope=order.scope,
            node_id=order.node_id,
            forced=order.force,
            now=container.clock(),
        )
        return RunAnswer.of(run, list_steps(session, run.id))

    return once.answer(202, work)


@router.get("")
def list_project_runs(membership: Viewer, session: UnitOfWork) -> list[RunAnswer]:
    """The latest runs, newest first."""
    return [RunAnswer.of(run, list_steps(session, run.id)) for run in list_runs(session, membership.project_id)]


@router.get("/{run_id}")
def get_project_run(run_id: UUID, membership: Viewer, session: UnitOfWork) -> RunAnswer:
    """One run."""
    return RunAnswer.of(get_run(session, membership.project_id, run_id), list_steps(session, run_id))


@router.post("/{run_id}/cancel")
def cancel_project_run(run_id: UUID, membership: Canceller, session: UnitOfWork, container: TheContainer) -> RunAnswer:
    """Stop a run: what was not sent costs nothing; what was sent may still be billed, and is kept if it arrives."""
    run = cancel_run(session, membership.project_id, run_id, now=container.clock())
    return RunAnswer.of(run, list_steps(session, run.id))
