"""/api/jobs: paid work one piece at a time."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from services.api.answers import JobAnswer
from services.api.dependencies import TheContainer, UnitOfWork
from services.api.idempotency import Idempotent
from services.api.visibility import CallerId, authorize_thing
from services.core.accounts.authorization import Action, authorize
from services.core.jobs.model import Job
from services.core.jobs.repository import get_job, list_jobs
from services.core.jobs.runs import cancel_job, retry_job
from services.core.kit.errors import NotFound

router = APIRouter(prefix="/api/jobs", tags=["jobs"])


def _authorized(session: Session, user_id: UUID, job_id: UUID, action: Action) -> Job:
    job = session.get(Job, job_id)
    missing = NotFound("job_not_found", f"There is no job {job_id}.", "List the project's jobs to find its id.")
    authorize_thing(session, user_id, job.project_id if job else None, action, missing)
    return get_job(session, job_id)


@router.get("")
def list_project_jobs(
    project_id: UUID,
    user_id: CallerId,
    session: UnitOfWork,
    node_id: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[JobAnswer]:
    """Jobs of a project, or of one of its nodes, newest first."""
    authorize(session, user_id, project_id, Action.VIEW_PROJECT)
    return [JobAnswer.of(job) for job in list_jobs(session, project_id, node_id=node_id, limit=limit)]


@router.get("/{job_id}")
def get_one_job(job_id: UUID, user_id: CallerId, session: UnitOfWork) -> JobAnswer:
    """One job."""
    return JobAnswer.of(_authorized(session, user_id, job_id, Action.VIEW_PROJECT))


@router.post("/{job_id}/cancel")
def cancel_one_job(job_id: UUID, user_id: CallerId, session: UnitOfWork, container: TheContainer) -> JobAnswer:
    """Stop a job: at once where nothing was sent, else at the next look at the provider."""
    _authorized(session, user_id, job_id, Action.CANCEL_WORK)
    return JobAnswer.of(cancel_job(session, job_id, now=container.clock()))


@router.post("/{job_id}/retry", status_code=202, response_model=JobAnswer)
def retry_one_job(job_id: UUID, user_id: CallerId, session: UnitOfWork, container: TheContainer, once: Idempotent) -> Response:
    """Do a job that ended badly once more, as a new job, with everything that waited for it."""
    _authorized(session, user_id, job_id, Action.RUN_WORK)
    return once.answer(202, lambda: JobAnswer.of(retry_job(session, job_id, user_id=user_id, now=container.clock())))
