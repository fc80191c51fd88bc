"""`GET /diagnostics`: what only Postgres and the worker know of how well things go, as counts and ages, for `make doctor`."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from services.core.bootstrap import Container
from services.core.jobs.model import Job
from services.core.jobs.states import ACTIVE_STATES
from services.core.kit.migrations import find_migrations
from services.core.outbox.model import OutboxRow
from services.core.projects.model import Node, Project
from services.worker.oidc import verified_caller

router = APIRouter(dependencies=[Depends(verified_caller)])


class Waiting(BaseModel):
    """Rows that wait, and for how long the oldest of them has. `attempts` and `reason` are those of the oldest."""

    rows: int
    oldest_seconds: float
    attempts: int = 0
    reason: str | None = None


class Stage(BaseModel):
    """Jobs in one state. `overdue_seconds` is for how long somebody should have looked at the most neglected of them."""

    jobs: int
    oldest_seconds: float
    overdue_seconds: float


class Revision(BaseModel):
    """The project whose revision was projected last, and what its document should say."""

    project_id: UUID
    rev: int
    written_seconds_ago: float


class Faces(BaseModel):
    """Faces that can be recognised: those that Postgres believes to be in the index, and those that are. None: Qdrant does not answer."""

    believed: int
    indexed: int | None


class Migrated(BaseModel):
    """The migration that the code was written for, and that of the database."""

    newest: str
    current: str | None


class Diagnostics(BaseModel):
    """Everything, at one moment. `neglected_seconds` is for how long the sweep has left undone what it does each minute.

    `live` and `events` are the settings of these names.
    """

    migrations: Migrated
    outbox: dict[str, Waiting]
    jobs: dict[str, Stage]
    neglected_seconds: float
    live: str
    events: str
    revision: Revision | None
    faces: Faces


@router.get("/diagnostics")
def diagnose(request: Request) -> Diagnostics:
    """Look at everything; changes nothing."""
    container: Container = request.app.state.container
    now = container.clock()
    with container.database.unit_of_work() as session:
        migrations = find_migrations(session)
        outbox, jobs = _outbox(session, now), _jobs(session, now)
        neglected, revision = _neglected(session, now), _revision(session, now)
    comparison = container.characters.compare_index()
    return Diagnostics(
        migrations=Migrated(newest=migrations.newest, current=migrations.current),
        outbox=outbox,
        jobs=jobs,
        neglected_seconds=neglected,
        live=container.settings.live,
        events=container.settings.events,
        revision=revision,
        faces=Faces(believed=comparison.believed, indexed=comparison.indexed),
    )


def _outbox(session: Session, now: datetime) -> dict[str, Waiting]:
    """By destination; a row without a failed attempt is on its way at this moment."""
    each_oldest = select(OutboxRow).order_by(OutboxRow.destination, OutboxRow.created_at).ext(distinct_on(OutboxRow.destination))
    oldest = {row.destination: row for row in session.scalars(each_oldest)}
    counts = session.execute(select(OutboxRow.destination, func.count()).group_by(OutboxRow.destination)).all()
    return {
        destination: Waiting(
            rows=count,
            oldest_seconds=_age(oldest[destination].created_at, now),
            attempts=oldest[destination].attempts,
            reason=oldest[destination].last_error,
        )
        for destination, count in counts
        if destination in oldest
    }


def _jobs(session: Session, now: datetime) -> dict[str, Stage]:
    """By state, of those that have not ended."""
    since = func.coalesce(Job.submitted_at, Job.queued_at, Job.created_at)
    query = select(Job.state, func.count(), func.min(since), func.min(Job.next_check_at)).group_by(Job.state)
    rows = session.execute(query.where(Job.state.in_([state.value for state in ACTIVE_STATES]))).all()
    return {state: Stage(jobs=jobs, oldest_seconds=_age(oldest, now), overdue_seconds=_age(due, now)) for state, jobs, oldest, due in rows}


def _neglected(session: Session, now: datetime) -> float:
    """From what would be gone had the sweep come: rows that may be delivered, and live documents whose time is over."""
    row = session.scalar(select(func.min(OutboxRow.not_before)))
    node = session.scalar(select(func.min(Node.live_until)).where(Node.state != "running"))
    return max(_age(row, now), _age(node, now))


def _revision(session: Session, now: datetime) -> Revision | None:
    written = Project.live_rev_written_at
    project = session.scalar(select(Project).where(written.is_not(None)).order_by(written.desc()).limit(1))
    if project is None:
        return None
    return Revision(project_id=project.id, rev=project.rev, written_seconds_ago=_age(project.live_rev_written_at, now))


def _age(moment: datetime | None, now: datetime) -> float:
    """Seconds since a moment; 0 for one that is to come, or for none."""
    return 0.0 if moment is None else max(0.0, round((now - moment).total_seconds(), 1))


class Reindexed(BaseModel):
    """How many faces the index holds now."""

    faces: int


@router.post("/tasks/reindex-faces")
def reindex_faces(request: Request) -> Reindexed:
    """Make the index of faces anew from Postgres: after Qdrant lost its data."""
    container: Container = request.app.state.container
    return Reindexed(faces=container.characters.rebuild_index())
