"""The log of a project: append an event, and everybody who follows the project hears of it after the commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.core.kit.database import LOGGED
from services.core.kit.errors import NotFound
from services.core.outbox.rows import add_event, add_live_project
from services.core.projects.model import Project, ProjectEvent

PUBLISHED_TYPES = frozenset(
    {
        "asset.ready",
        "asset.rejected",
        "character.created",
        "command.accepted",
        "command.refused",
        "export.started",
        "export.succeeded",
        "export.failed",
        "export.cancelled",
        "job.queued",
        "job.started",
        "job.succeeded",
        "job.failed",
        "job.blocked",
        "job.cancelled",
        "run.started",
        "run.finished",
    }
)
"""Facts that leave the product over Pub/Sub; edits of the graph stay inside."""


@dataclass(frozen=True)
class Event:
    """One entry of the log, as followers see it."""

    project_id: UUID
    rev: int
    type: str
    payload: dict[str, Any]
    actor_id: UUID | None
    operation_id: UUID | None
    at: datetime

    def document(self) -> dict[str, Any]:
        """JSON for sockets and API answers."""
        return {
            "rev": self.rev,
            "type": self.type,
            "payload": self.payload,
            "actor_id": str(self.actor_id) if self.actor_id else None,
            "operation_id": str(self.operation_id) if self.operation_id else None,
            "at": self.at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Entry:
    """What to append: a dotted past-tense type, what it says, and the client's id of the edit that it tells of."""

    type: str
    payload: dict[str, Any]
    operation_id: UUID | None = None


def append(
    session: Session,
    project_id: UUID,
    type_: str,
    payload: dict[str, Any],
    *,
    at: datetime,
    actor_id: UUID | None = None,
    operation_id: UUID | None = None,
) -> int:
    """Append an event and return its number."""
    return append_all(session, project_id, [Entry(type_, payload, operation_id)], at=at, actor_id=actor_id)


def append_all(session: Session, project_id: UUID, entries: Sequence[Entry], *, at: datetime, actor_id: UUID | None = None) -> int:
    """Append events and return the number of the last.

    The numbers come from the project's own row, which this transaction keeps locked until it commits: a reader that has
    seen rev n has seen all before it.
    """
    last: int | None = session.scalar(
        update(Project).where(Project.id == project_id).values(rev=Project.rev + len(entries), updated_at=at).returning(Project.rev)
    )
    if last is None:
        raise NotFound("project_not_found", "There is no such project.", "It may have been deleted; open another one.")
    for rev, entry in enumerate(entries, start=last - len(entries) + 1):
        session.add(
            ProjectEvent(
                project_id=project_id,
                rev=rev,
                type=entry.type,
                payload=entry.payload,
                actor_id=actor_id,
                operation_id=entry.operation_id,
                at=at,
            )
        )
        if entry.type in PUBLISHED_TYPES:
            add_event(session, project_id=project_id, rev=rev)
    add_live_project(session, project_id)
    session.info.setdefault(LOGGED, set()).add(project_id)
    return last


def list_after(session: Session, project_id: UUID, cursor: int, limit: int = 500) -> list[Event]:
    """Events with a number above `cursor`, in order."""
    rows = session.scalars(
        select(ProjectEvent).where(ProjectEvent.project_id == project_id, ProjectEvent.rev > cursor).order_by(ProjectEvent.rev).limit(limit)
    )
    return [
        Event(
            project_id=row.project_id,
            rev=row.rev,
            type=row.type,
            payload=row.payload,
            actor_id=row.actor_id,
            operation_id=row.operation_id,
            at=row.at,
        )
        for row in rows
    ]


def revisions(session: Session, project_ids: list[UUID]) -> dict[UUID, int]:
    """The newest event number of each of these projects."""
    rows = session.execute(select(Project.id, Project.rev).where(Project.id.in_(project_ids)))
    return {project_id: rev for project_id, rev in rows}
