"""Log lines from which metrics are made (infra/gcp/monitoring): how jobs ended and where their time went, and what waits.

Their names and fields are a contract with the metrics' filters; a test holds one against the other.
"""

from datetime import datetime

import structlog
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.core.jobs.model import Job, JobTransition
from services.core.jobs.states import OPEN_AT_PROVIDER, JobState
from services.core.outbox.model import OutboxRow

_Instant = InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]

log = structlog.get_logger()


def report_end(session: Session, job: Job, now: datetime) -> None:
    """Log how a job ended, and of a succeeded one what its time went to."""
    times = _times(session, job, now) if job.state == JobState.SUCCEEDED else {}
    log.info(
        "job.ended",
        job_id=str(job.id),
        job_state=job.state,
        kind=job.kind,
        model=job.model,
        cause=job.cause or "none",
        category=job.category or "none",
        attempts=job.attempts,
        polls=job.polls,
        **times,
    )


def _times(session: Session, job: Job, now: datetime) -> dict[str, float]:
    """Seconds in all, waiting for the provider's quota, at the provider, and the rest, which is ours."""
    if job.queued_at is None or job.admitted_at is None or job.submitted_at is None:
        return {}
    settling = JobTransition.to_state == JobState.SETTLING.value
    delivered_at = session.scalar(select(func.max(JobTransition.at)).where(JobTransition.job_id == job.id, settling)) or now
    total = (now - job.queued_at).total_seconds()
    waiting = (job.admitted_at - job.queued_at).total_seconds()
    provider = (delivered_at - job.submitted_at).total_seconds()
    overhead = max(0.0, total - waiting - provider)
    times = {"total": total, "waiting": waiting, "provider": provider, "overhead": overhead}
    return {f"{name}_seconds": round(value, 3) for name, value in times.items()}


def report_waiting(session: Session, now: datetime) -> None:
    """Log what waits, and for how long the oldest of it has: jobs for their turn, jobs overdue for a look, effects for delivery."""
    queued, oldest_queued = _waiting(session, Job.queued_at, Job.state == JobState.QUEUED, now)
    overdue, oldest_overdue = _waiting(session, Job.next_check_at, Job.next_check_at < now, now)
    rows, oldest_row = _waiting(session, OutboxRow.created_at, OutboxRow.not_before < now, now)
    under_way = session.scalar(select(func.count()).select_from(Job).where(Job.state.in_(OPEN_AT_PROVIDER)))
    log.info(
        "sweep.measured",
        queued_jobs=queued,
        oldest_queued_seconds=oldest_queued,
        overdue_jobs=overdue,
        oldest_overdue_seconds=oldest_overdue,
        outbox_rows=rows,
        oldest_outbox_seconds=oldest_row,
        open_operations=under_way,
    )


def _waiting(session: Session, since: _Instant, which: ColumnElement[bool], now: datetime) -> tuple[int, float]:
    count, oldest = session.execute(select(func.count(), func.min(since)).where(which)).one()
    return count, round(max(0.0, (now - oldest).total_seconds()), 3) if oldest else 0.0
