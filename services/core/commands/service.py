"""Carrying a command out: once, in its owner's name, within the project's limit, and answered by a fact of the project's log."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.core.accounts.repository import get_owner_id
from services.core.assets.service import get_asset
from services.core.commands.inputs import unknown_node, with_inputs
from services.core.commands.message import BadCommand, Command
from services.core.commands.model import AnsweredCommand
from services.core.jobs.model import Run
from services.core.jobs.plan import Plan
from services.core.jobs.runs import begin_run, plan_within_limit
from services.core.kit.errors import Conflict, Invalid, LimitReached, NotFound, Problem
from services.core.kit.ids import new_id
from services.core.outbox.rows import add_event
from services.core.projects import events
from services.core.projects.graph import Graph
from services.core.projects.model import Project, ProjectEvent
from services.core.projects.repository import get_project, load_graph


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command was answered, by the entry `rev` of its project's log."""

    type: str
    """`command.accepted` or `command.refused`."""
    rev: int
    detail: dict[str, Any]


def carry_out(session: Session, command: Command, *, now: datetime) -> Answer:
    """Start the run that `command` asks for, or refuse it; a command that was answered before gets that answer again.

    A refusal is final as well: what the project did not allow then, a new command may ask for. Raises BadCommand where nothing can
    be answered: no such project, one that accepts no commands, an id that stands for another command, a node or picture it lacks.
    """
    try:
        project = get_project(session, command.project_id, lock=True)  # one command at a time: the same one may come twice at once
    except NotFound:
        raise BadCommand("project_not_found", f"There is no project {command.project_id}.", "It may have been deleted.") from None
    known = session.get(AnsweredCommand, (project.id, command.id))
    if known is not None:
        return _answer_again(session, known, command)
    if not project.accepts_commands:
        raise BadCommand(
            "commands_not_accepted",
            f"The project {project.id} accepts no commands.",
            "Its owner can allow them: PATCH /api/projects/{id} with accepts_commands.",
        )
    graph = with_inputs(load_graph(session, project.id), command.inputs)
    _check_references(session, command, graph)
    return _decide(session, command, project, graph, now)


def _answer_again(session: Session, known: AnsweredCommand, command: Command) -> Answer:
    if known.digest != command.digest:
        raise BadCommand(
            "command_id_reused",
            f"Another command has come with the id {command.id!r}.",
            "Give each command an id of its own, such as a UUID.",
        )
    # The same fact under the same id: whoever has it takes no notice, whoever lost it has it now.
    add_event(session, project_id=known.project_id, rev=known.rev)
    entry = session.get_one(ProjectEvent, (known.project_id, known.rev))
    return Answer(entry.type, entry.rev, entry.payload)


def _check_references(session: Session, command: Command, graph: Graph) -> None:
    if command.node_id is not None and command.node_id not in graph.nodes:
        raise unknown_node(command.node_id)
    for node_id, given in command.inputs.items():
        if given.asset_id is not None and not _is_picture(session, command.project_id, given.asset_id):
            raise BadCommand(
                "picture_not_found",
                f"There is no picture {given.asset_id} in the project.",
                "Upload it into this project first.",
                node_id=str(node_id),
            )


def _is_picture(session: Session, project_id: UUID, asset_id: UUID) -> bool:
    try:
        return get_asset(session, asset_id, project_id=project_id).kind == "image"
    except NotFound:
        return False


def _decide(session: Session, command: Command, project: Project, graph: Graph, now: datetime) -> Answer:
    try:
        plan = plan_within_limit(session, project, graph, scope=command.scope, node_id=command.node_id, forced=False)
    except (Invalid, NotFound, Conflict, LimitReached) as problem:
        return _answer(session, command, "command.refused", _refusal(problem), now)
    run = Run(
        id=new_id(),
        project_id=project.id,
        user_id=get_owner_id(session, project.id),
        scope=command.scope,
        node_id=command.node_id,
        forced=False,
        command_id=command.id,
        created_at=now,
    )
    # Before the run's own facts: who follows them shall know by then which are theirs.
    answer = _answer(session, command, "command.accepted", {"run_id": str(run.id), **_outlook(plan)}, now)
    begin_run(session, run, graph, plan, now=now)
    return answer


def _answer(session: Session, command: Command, type_: str, detail: dict[str, Any], now: datetime) -> Answer:
    payload = {"command_id": command.id, **detail}
    rev = events.append(session, command.project_id, type_, payload, at=now)
    session.flush()
    session.add(AnsweredCommand(project_id=command.project_id, id=command.id, digest=command.digest, rev=rev))
    return Answer(type_, rev, payload)


def _outlook(plan: Plan) -> dict[str, Any]:
    """What will be done. Jobs may be those of an earlier run that does the same; takes are there already, and cost nothing."""
    return {
        "estimate_microusd": plan.cost_microusd,
        "expected_seconds": plan.expected_seconds,
        "job_ids": [str(step.job_id or step.attached_job_id) for step in plan.steps if not step.take_id],
        "take_ids": [str(step.take_id) for step in plan.steps if step.take_id],
    }


def _refusal(problem: Problem) -> dict[str, Any]:
    return {**problem.facts, "code": problem.code, "message": problem.message, "advice": problem.advice}
