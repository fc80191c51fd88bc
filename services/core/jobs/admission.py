"""Which queued jobs may go to the provider now: within the model's rate and its cap on open operations, users in turn.

Queued jobs wait in Postgres, where they can be counted, ordered and cancelled; an admitted job gets its Cloud Task.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, text
from sqlalchemy.orm import Session, aliased

from services.core.jobs import cadence
from services.core.jobs.model import Job, JobAttempt
from services.core.jobs.states import OPEN_AT_PROVIDER, JobState
from services.core.jobs.tasks import add_job_task
from services.core.outbox.rows import add_task
from services.core.video.catalogue import limits_of

RATE_WINDOW = timedelta(minutes=1)
ADMISSION_LEASE = timedelta(minutes=2)
"""An admitted job whose task was lost gets another after this time; a task that comes twice submits once."""


def ask_for_admission(session: Session, model: str, *, now: datetime) -> None:
    """Have the queue of `model` looked at once this transaction has committed, if anything waits in it.

    Not in the transaction itself: admitting locks jobs of any project, and a transaction that then goes on to lock more of its own
    could meet another one that does the same the other way round.
    """
    asked = session.info.setdefault("admissions_asked_for", set())
    if model not in asked and session.scalar(select(exists().where(_waits(model, now)))):
        asked.add(model)
        add_task(session, "/tasks/admit", {"model": model})


def admit(session: Session, model: str, *, now: datetime) -> int:
    """Admit as many queued jobs of `model` as its quota has room for; returns how many.

    Call it last in a transaction, and for several models in the order of their names.
    """
    # One admission at a time for each model, in all instances: counting and admitting must not interleave.
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:model, 1))"), {"model": model})
    room = _room(session, model, now)
    if room <= 0:
        return 0
    jobs = _next_in_turn(session, model, room, now)
    for job in jobs:
        job.admitted_at = now
        job.next_check_at = now + ADMISSION_LEASE
        add_job_task(session, job, "/tasks/submit")
    session.flush()
    return len(jobs)


def _waits(model: str, now: datetime) -> ColumnElement[bool]:
    """Queued, not admitted, and not put off."""
    is_due = or_(Job.next_check_at.is_(None), Job.next_check_at <= now + cadence.EARLY)
    return and_(Job.model == model, Job.state == JobState.QUEUED, Job.admitted_at.is_(None), is_due)


def _room(session: Session, model: str, now: datetime) -> int:
    limits = limits_of(model)
    admitted = (Job.state == JobState.QUEUED) & Job.admitted_at.is_not(None)
    open_operations: int | None = session.scalar(
        select(func.count()).where(Job.model == model, or_(Job.state.in_(OPEN_AT_PROVIDER), admitted)).select_from(Job)
    )
    started: int | None = session.scalar(
        select(func.count())
        .select_from(JobAttempt)
        .join(Job, Job.id == JobAttempt.job_id)
        .where(Job.model == model, JobAttempt.started_at > now - RATE_WINDOW)
    )
    waiting_to_start: int | None = session.scalar(select(func.count()).select_from(Job).where(Job.model == model, admitted))
    by_cap = limits.max_open_operations - (open_operations or 0)
    by_rate = limits.requests_per_minute - (started or 0) - (waiting_to_start or 0)
    return min(by_cap, by_rate)


def _next_in_turn(session: Session, model: str, room: int, now: datetime) -> list[Job]:
    """The next jobs, first those of the users who have least under way, then by age."""
    other = aliased(Job)
    under_way = (
        select(func.count())
        .select_from(other)
        .where(
            other.user_id == Job.user_id,
            other.model == model,
            or_(other.state.in_(OPEN_AT_PROVIDER), (other.state == JobState.QUEUED) & other.admitted_at.is_not(None)),
        )
        .scalar_subquery()
    )
    # Each user's n-th waiting job competes with the n-th of the others, so that a long queue of one does not shut others out.
    place = func.row_number().over(partition_by=Job.user_id, order_by=(Job.queued_at, Job.id))
    candidates = session.execute(
        select(Job.id, (place + under_way).label("turn")).where(_waits(model, now)).order_by("turn", Job.queued_at, Job.id).limit(room)
    ).all()
    # A job that somebody holds locked is being changed, perhaps cancelled: the next admission will see.
    locked = session.scalars(
        select(Job)
        .where(Job.id.in_([job_id for job_id, _ in candidates]), Job.state == JobState.QUEUED, Job.admitted_at.is_(None))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return list(locked)
