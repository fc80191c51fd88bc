"""Rows of jobs, takes and runs: `get_` raises NotFound, `find_` returns None, `list_` returns all."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from services.core.assets.model import Asset
from services.core.jobs.model import Job, Run, RunStep, Take
from services.core.jobs.states import ACTIVE_STATES
from services.core.kit.errors import NotFound
from services.core.kit.paging import LARGEST_PAGE, newest_first, older, page_not_found
from services.core.projects.model import Project
from services.core.projects.repository import get_project


def get_job(session: Session, job_id: UUID) -> Job:
    """The job, unlocked: for reading."""
    job = session.get(Job, job_id)
    if job is None:
        raise _job_not_found(job_id)
    return job


def lock_job(session: Session, job_id: UUID) -> Job:
    """The job for a change. Its project is locked first: whoever changes jobs locks in this order, so nobody deadlocks."""
    project_id = session.scalar(select(Job.project_id).where(Job.id == job_id))
    if project_id is None:
        raise _job_not_found(job_id)
    get_project(session, project_id, lock=True)
    return session.scalars(select(Job).where(Job.id == job_id).with_for_update().execution_options(populate_existing=True)).one()


def find_active_job(session: Session, node_id: UUID, cache_key: str) -> Job | None:
    """The job under way for exactly this work, if there is one."""
    return session.scalar(select(Job).where(Job.node_id == node_id, Job.cache_key == cache_key, Job.state.in_(ACTIVE_STATES)))


def list_dependents(session: Session, job_id: UUID) -> list[Job]:
    """Jobs that extend what this one makes."""
    return list(session.scalars(select(Job).where(Job.depends_on_job_id == job_id).order_by(Job.created_at)))


def list_jobs(session: Session, project_id: UUID, *, node_id: UUID | None = None, limit: int = 200) -> list[Job]:
    """Jobs of a project, newest first."""
    query = select(Job).where(Job.project_id == project_id).order_by(Job.created_at.desc(), Job.hop.desc()).limit(limit)
    return list(session.scalars(query.where(Job.node_id == node_id) if node_id else query))


def get_run(session: Session, project_id: UUID, run_id: UUID) -> Run:
    """The run."""
    run = session.get(Run, run_id)
    if run is None or run.project_id != project_id:
        raise NotFound("run_not_found", f"There is no run {run_id} in this project.")
    return run


def list_runs(session: Session, project_id: UUID, limit: int = 50) -> list[Run]:
    """The latest runs of a project, newest first."""
    return list(session.scalars(select(Run).where(Run.project_id == project_id).order_by(Run.created_at.desc()).limit(limit)))


def list_steps(session: Session, run_id: UUID) -> list[RunStep]:
    """The steps of a run in order."""
    return list(session.scalars(select(RunStep).where(RunStep.run_id == run_id).order_by(RunStep.ordinal)))


def get_take(session: Session, take_id: UUID) -> tuple[Take, Asset]:
    """A take with its file."""
    row = session.execute(select(Take, Asset).join(Asset, Asset.id == Take.asset_id).where(Take.id == take_id)).one_or_none()
    if row is None:
        raise NotFound("take_not_found", f"There is no take {take_id}.")
    return row[0], row[1]


def list_takes(
    session: Session, project_id: UUID, *, node_id: UUID | None = None, limit: int = LARGEST_PAGE, before: UUID | None = None
) -> list[tuple[Take, Asset]]:
    """Takes with their files, newest first; those after the take `before`, which has to be one of them."""
    of_these = [Take.project_id == project_id, *([Take.node_id == node_id] if node_id else [])]
    place = (Take.created_at, Take.id)
    last = session.execute(select(*place).where(Take.id == before, *of_these)).one_or_none() if before else None
    if before and last is None:
        raise page_not_found(before)
    query = select(Take, Asset).join(Asset, Asset.id == Take.asset_id).where(*of_these, *older(place, last))
    return [(take, asset) for take, asset in session.execute(query.order_by(*newest_first(place)).limit(limit))]


def find_covers(session: Session, project_ids: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    """Bucket and name of the thumbnail each project is known by: of its newest take, else of its newest picture."""
    of_take, picture = aliased(Asset), aliased(Asset)
    newest_take = (
        select(Take.asset_id)
        .join(of_take, of_take.id == Take.asset_id)
        .where(Take.project_id == Project.id, of_take.thumbnail_object.is_not(None))
        .order_by(*newest_first((Take.created_at, Take.id)))
        .limit(1)
    )
    newest_picture = (
        select(picture.id)
        .where(picture.project_id == Project.id, picture.kind == "image", picture.state == "ready", picture.thumbnail_object.is_not(None))
        .order_by(*newest_first((picture.created_at, picture.id)))
        .limit(1)
    )
    cover = func.coalesce(newest_take.scalar_subquery(), newest_picture.scalar_subquery())
    rows = session.execute(
        select(Project.id, Asset.bucket, Asset.thumbnail_object).join(Asset, Asset.id == cover).where(Project.id.in_(project_ids))
    )
    return {project_id: (bucket, name) for project_id, bucket, name in rows if bucket and name}


def find_take(session: Session, node_id: UUID, cache_key: str, *, preferred: UUID | None) -> tuple[Take, Asset] | None:
    """The take that exactly this work made before: the preferred one if it is among them, else the newest."""
    rows = session.execute(
        select(Take, Asset)
        .join(Asset, Asset.id == Take.asset_id)
        .where(Take.node_id == node_id, Take.cache_key == cache_key)
        .order_by(Take.created_at.desc(), Take.sample)
    ).all()
    for take, asset in rows:
        if take.id == preferred:
            return take, asset
    return (rows[0][0], rows[0][1]) if rows else None


def _job_not_found(job_id: UUID) -> NotFound:
    return NotFound("job_not_found", f"There is no job {job_id}.", "List the project's jobs to find its id.")
