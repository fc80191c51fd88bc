"""The submit step: the intent first, then the call, then what became of it. Never a second call for one intent."""

import tempfile
from datetime import datetime, timedelta
from hashlib import file_digest
from pathlib import Path
from typing import assert_never
from uuid import UUID

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.jobs import cadence
from services.core.jobs.advance import advance
from services.core.jobs.enhance import record_enhancement
from services.core.jobs.model import Job, JobAttempt
from services.core.jobs.outputs import output_prefix
from services.core.jobs.reasons import (
    blocked_reason,
    cancelled_reason,
    input_unavailable_reason,
    input_unusable_reason,
    not_sent_reason,
    rejected_reason,
)
from services.core.jobs.repository import get_job, get_take, lock_job
from services.core.jobs.states import JobEvent, JobState
from services.core.jobs.tasks import add_job_task, note_job, provider_span, step_span
from services.core.jobs.tools import Tools
from services.core.kit.errors import Invalid
from services.core.kit.ids import new_id
from services.core.outbox.rows import add_task
from services.core.prompts.enhancement import Answered, EnhancementRequest
from services.core.video.chain import tail_seconds_for
from services.core.video.media.errors import IncompatibleVideo, UnreadableVideo
from services.core.video.outcomes import Accepted, BlockedAtSubmit, NotSent, Rejected, Unknown
from services.core.video.request import MediaInput, parse_request

log = structlog.get_logger()

CallOutcome = Accepted | Answered | NotSent | Rejected | BlockedAtSubmit | Unknown


def submit(tools: Tools, job_id: UUID, *, is_redelivery: bool = False) -> None:
    """Send an admitted job to its provider. A repeated or late task finds another state and does not send again.

    A redelivery means that the worker which had the task died or lost its caller: if it had recorded the intent, what
    became of the call is looked for at once instead of after the lease.
    """
    with step_span("submit", job_id) as step:
        if is_redelivery:
            _end_lease(tools, job_id)
        if not _prepare(tools, job_id):
            return
        attempt = _record_intent(tools, job_id)
        if attempt is None:
            return
        job, attempt_id = attempt
        note_job(step, job)
        with provider_span("generate_content" if job.kind == "enhance" else "generate_videos", job_id, job.model) as call:
            outcome = _call(tools, job, attempt_id)
            call.set_attribute("reelgraph.provider.outcome", type(outcome).__name__)
        _record_outcome(tools, job_id, attempt_id, outcome)


def _end_lease(tools: Tools, job_id: UUID) -> None:
    now = tools.clock()
    with tools.database.unit_of_work() as session:
        job = lock_job(session, job_id)
        if job.state == JobState.SUBMITTED and job.lease_until is not None and job.lease_until > now:
            job.lease_until = job.next_check_at = now
            add_job_task(session, job, "/tasks/check")


def _prepare(tools: Tools, job_id: UUID) -> bool:
    """See that everything is there that will be sent; False where the job is not due, or must come back later, or cannot be sent."""
    now = tools.clock()
    with tools.database.unit_of_work() as session:
        job = lock_job(session, job_id)
        if job.state != JobState.QUEUED or job.admitted_at is None:
            return False
        if job.kind != "extend" or job.tail is not None:
            return True
        # The deadline is of preparing, for now: whatever keeps failing, also by ending its process, must come to an end.
        job.deadline_at = job.deadline_at or now + cadence.PREPARE_PATIENCE
        if now > job.deadline_at:
            advance(session, job, JobEvent.REQUEST_REJECTED, now=now, reason=input_unavailable_reason())
            return False
    try:
        _prepare_tail(tools, job_id)
    except (Invalid, UnreadableVideo, IncompatibleVideo) as problem:
        with tools.database.unit_of_work() as session:
            job = lock_job(session, job_id)
            advance(session, job, JobEvent.REQUEST_REJECTED, now=tools.clock(), reason=input_unusable_reason(problem))
        return False
    except Exception:
        log.exception("job.preparing_failed", job_id=str(job_id))
        _prepare_later(tools, job_id)
        return False
    return True


def _prepare_later(tools: Tools, job_id: UUID) -> None:
    """Give the place among the admitted to others, and come back."""
    now = tools.clock()
    with tools.database.unit_of_work() as session:
        job = lock_job(session, job_id)
        if job.state != JobState.QUEUED:
            return
        job.admitted_at = None
        job.next_check_at = now + cadence.PREPARE_INTERVAL
        add_task(session, "/tasks/admit", {"model": job.model}, at=job.next_check_at)


def _prepare_tail(tools: Tools, job_id: UUID) -> None:
    """Cut the end of the video that is extended and store it where the provider can read it; done once for each job."""
    with tools.database.unit_of_work() as session:
        job = get_job(session, job_id)
        assert job.parent_take_id is not None
        _, master = get_take(session, job.parent_take_id)
    assert master.bucket and master.object_name and master.duration_seconds
    name = f"{job.project_id}/{job.id}/tail.mp4"
    with tempfile.TemporaryDirectory() as folder:
        whole, tail = Path(folder) / "master.mp4", Path(folder) / "tail.mp4"
        tools.store.download(master.bucket, master.object_name, whole)
        cut = tools.media.tail(whole, tail_seconds_for(master.duration_seconds), tail)
        frames = cut.frames
        if not tools.store.create(tools.settings.media_bucket, name, tail, "video/mp4"):
            # A worker died after it stored the tail: the stored one counts, whatever this one looks like.
            tools.store.download(tools.settings.media_bucket, name, tail)
            frames = tools.media.probe(tail).frames
        with tail.open("rb") as file:
            sha256 = file_digest(file, "sha256").hexdigest()
    with tools.database.unit_of_work() as session:
        job = lock_job(session, job_id)
        job.tail = {"bucket": tools.settings.media_bucket, "object_name": name, "sha256": sha256, "frames": frames}


def _record_intent(tools: Tools, job_id: UUID) -> tuple[Job, UUID] | None:
    """Commit that a call is about to be made. From here on the job counts as perhaps billed."""
    now = tools.clock()
    with tools.database.unit_of_work() as session:
        job = lock_job(session, job_id)
        if job.state != JobState.QUEUED or job.admitted_at is None:
            return None
        if job.cancel_requested_at is not None:
            advance(session, job, JobEvent.CANCEL_REQUESTED, now=now, reason=cancelled_reason(sent=False))
            return None
        attempt_id, number = new_id(), job.attempts + 1
        prefix = output_prefix(job.id, attempt_id)
        session.add(JobAttempt(id=attempt_id, job_id=job.id, number=number, output_prefix=prefix, started_at=now))
        advance(
            session,
            job,
            JobEvent.SUBMIT_STARTED,
            now=now,
            attempt_id=attempt_id,
            attempts=number,
            operation_name=None,
            submitted_at=now,
            lease_until=now + cadence.SUBMIT_LEASE,
            next_check_at=now + cadence.SUBMIT_LEASE,
            deadline_at=now + timedelta(seconds=tools.settings.provider_deadline_seconds),
        )
    return job, attempt_id


def _call(tools: Tools, job: Job, attempt_id: UUID) -> CallOutcome:
    if job.kind == "enhance":
        return tools.gemini.enhance(EnhancementRequest.model_validate(job.request), timeout_seconds=cadence.SUBMIT_TIMEOUT.total_seconds())
    video = None
    if job.tail is not None:
        video = MediaInput(
            asset_id=job.parent_take_id or job.id,
            bucket=job.tail["bucket"],
            object_name=job.tail["object_name"],
            content_type="video/mp4",
            sha256=job.tail["sha256"],
        )
    prefix = f"gs://{tools.settings.renders_bucket}/{output_prefix(job.id, attempt_id)}"
    labels = {"reelgraph-job": str(job.id), "reelgraph-attempt": str(attempt_id)}
    return tools.veo.submit(
        parse_request(job.request),
        output_prefix=prefix,
        video=video,
        labels=labels,
        timeout_seconds=cadence.SUBMIT_TIMEOUT.total_seconds(),
    )


def _record_outcome(tools: Tools, job_id: UUID, attempt_id: UUID, outcome: CallOutcome) -> None:
    now = tools.clock()
    with tools.database.unit_of_work() as session:
        job = lock_job(session, job_id)
        attempt = session.get_one(JobAttempt, attempt_id)
        if job.attempt_id != attempt_id:
            return
        match outcome:
            case Accepted(operation_name):
                attempt.outcome, attempt.operation_name = "accepted", operation_name
                due = cadence.next_poll(now, now)
                moved = advance(session, job, JobEvent.OPERATION_NAMED, now=now, operation_name=operation_name, next_check_at=due)
                if moved:
                    add_job_task(session, job, "/tasks/poll", at=due)
            case Answered():
                attempt.outcome = "accepted"
                if advance(session, job, JobEvent.ANSWERED, now=now):
                    record_enhancement(session, job, outcome.enhancement, now=now)
            case NotSent():
                attempt.outcome = "not_sent"
                _record_not_sent(session, job, outcome, now)
            case Rejected():
                attempt.outcome = "rejected"
                advance(session, job, JobEvent.REQUEST_REJECTED, now=now, reason=rejected_reason(outcome))
            case BlockedAtSubmit(block):
                attempt.outcome = "rejected"
                advance(session, job, JobEvent.PROVIDER_BLOCKED, now=now, reason=blocked_reason(block))
            case Unknown():
                attempt.outcome = "unknown"
                log.warning("job.submission_unknown", job_id=str(job.id), attempt_id=str(attempt_id), reason=outcome.reason)
                _record_unknown(session, job, now)
            case _:
                assert_never(outcome)


def _record_not_sent(session: Session, job: Job, outcome: NotSent, now: datetime) -> None:
    """Surely nothing was started: back to the queue, unless somebody wants it stopped or the provider has taken nothing for hours."""
    first = session.scalar(select(func.min(JobAttempt.started_at)).where(JobAttempt.job_id == job.id))
    if first is not None and now - first > cadence.UNSENT_PATIENCE:
        advance(session, job, JobEvent.REQUEST_REJECTED, now=now, reason=not_sent_reason(outcome))
        return
    again = now + cadence.not_sent_delay(job.id, job.attempts, outcome.retry_after_seconds)
    if not advance(session, job, JobEvent.NOT_SENT, now=now, admitted_at=None, deadline_at=None, next_check_at=again):
        return
    if job.cancel_requested_at is not None:
        advance(session, job, JobEvent.CANCEL_REQUESTED, now=now, reason=cancelled_reason(sent=False))
    else:
        add_task(session, "/tasks/admit", {"model": job.model}, at=again)


def _record_unknown(session: Session, job: Job, now: datetime) -> None:
    """The lease ends now: whether it started is found out by looking where its output would be."""
    if job.state != JobState.SUBMITTED:
        return
    job.lease_until = now
    job.next_check_at = now + cadence.RECOVERY_INTERVAL
    add_job_task(session, job, "/tasks/check", at=job.next_check_at)
