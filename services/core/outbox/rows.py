"""Writing to the outbox: what a change wants told, recorded in the transaction of the change."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.orm import Session

from services.core.kit.database import AFTER_COMMIT
from services.core.kit.ids import new_id
from services.core.kit.telemetry import TRACEPARENT, traceparent_within
from services.core.outbox.model import OutboxRow

Destination = Literal["tasks", "events", "live"]
Target = Literal["worker", "image_uploaded"]


def add_task(
    session: Session,
    path: str,
    body: dict[str, str],
    *,
    at: datetime | None = None,
    target: Target = "worker",
    name: str | None = None,
    headers: dict[str, str] | None = None,
    within: str | None = None,
) -> None:
    """Have Cloud Tasks POST `body` (ids only) to `path` of `target`, not before `at`.

    Tasks of one `name` run once, however many are added; without a name each is its own. `within` is a traceparent: the task goes
    on with that trace, whoever adds it; without one it goes on with ours.
    """
    payload: dict[str, Any] = {"target": target, "path": path, "body": body, "at": at.isoformat() if at else None}
    payload |= {"headers": headers} if headers else {}
    _add(session, "tasks", payload | ({"name": name} if name else {}), within)


def add_event(session: Session, *, project_id: UUID, rev: int) -> None:
    """Publish the project event `rev`; its content is read from Postgres at delivery."""
    _add(session, "events", {"project_id": str(project_id), "rev": rev})


def add_live_node(session: Session, node_id: UUID) -> None:
    """Bring the live document of a node up to date, or delete it, as its row says at delivery."""
    _add(session, "live", {"kind": "node", "node_id": str(node_id)})


def add_live_project(session: Session, project_id: UUID) -> None:
    """Tell listeners of a project that its revision moved; written at most once a second."""
    # One row for each project and transaction is enough: the newest revision is read at delivery.
    told = session.info.setdefault("live_projects", set())
    if project_id not in told:
        told.add(project_id)
        _add(session, "live", {"kind": "project", "project_id": str(project_id)})


def add_live_member(session: Session, *, project_id: UUID, user_id: UUID) -> None:
    """Project or remove `members/{uid}`, which the Firestore rules ask for before they let a person listen."""
    _add(session, "live", {"kind": "member", "project_id": str(project_id), "user_id": str(user_id)})


def _add(session: Session, destination: Destination, payload: dict[str, Any], within: str | None = None) -> None:
    if (traceparent := traceparent_within(within)) is not None:
        payload[TRACEPARENT] = traceparent
    row = OutboxRow(id=new_id(), destination=destination, payload=payload)
    session.add(row)
    session.info.setdefault(AFTER_COMMIT, []).append(row.id)
