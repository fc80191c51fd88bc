"""The poll step and the search for outputs: what the provider says, what the bucket tells, and what lies in it."""

from datetime import datetime
from typing import assert_never
from uuid import UUID

import structlog
from opentelemetry.trace import Span
from sqlalchemy.orm import Session

from services.core.jobs import cadence
from services.core.jobs.advance import advance
from services.core.jobs.model import Job, JobAttempt
from services.core.jobs.outputs import Output, job_prefix, merge, parse_output, parse_uri
from services.core.jobs.reasons import blocked_reason, cancelled_reason, lost_reason, provider_failed_reason, timed_out_reason
from services.core.jobs.repository import get_job, lock_job
from services.core.jobs.states import END_STATES, JobEvent, JobState
from services.core.jobs.tasks import add_job_task, note_job, provider_span, step_span
from services.core.jobs.tools import Tools
from services.core.kit.telemetry import span
from services.core.video.outcomes import Blocked, Failed, Finished, Pending, PollOutcome, Unreachable
from services.core.video.request import parse_request
from services.core.video.safety import SafetyBlock

log = structlog.get_logger()


def poll(tools: Tools, job_id: UUID) -> None:
    """Ask the provider how an operation is getting on. A task that comes early, twice or late does nothing."""
    with step_span("poll", job_id) as step:
        _poll(tools, job_id, step)


def _poll(tools: Tools, job_id: UUID, step: Span) -> None:
    now = tools.clock()
    with tools.database.unit_of_work() as session:
        job = lock_job(session, job_id)
        note_job(step, job)
        if job.state != JobState.POLLING or not cadence.is_due(job.next_check_at, now):
            return
        operation_name = job.operation_name
        # While this one asks no other does; should it die, the sweep has another ask.
        job.next_check_at = now + cadence.POLL_LEASE
    assert operation_name is not None
    outcome = _ask(tools, job, operation_name)
    now = tools.clock()
    with tools.database.unit_of_work() as session:
        job = lock_job(session, job_id)
        if job.state != JobState.POLLING or job.operation_name != operation_name:
            return
        job.polls += 1
        is_over = not _record(session, job, outcome, now)
        note_job(step, job)
    if is_over:
        _end_without_answer(tools, job_id, operation_name)


def _ask(tools: Tools, job: Job, operation_name: str) -> PollOutcome:
    with provider_span("fetch_videos", job.id, job.model) as call:
        try:
            outcome = tools.veo.poll(operation_name)
        except Exception as error:
            # An answer that the driver cannot read must not keep the job from its deadline.
            log.exception("job.poll_failed", job_id=str(job.id))
            outcome = Unreachable(type(error).__name__)
        call.set_attribute("reelgraph.provider.outcome", type(outcome).__name__)
    return outcome


def _record(session: Session, job: Job, outcome: PollOutcome, now: datetime) -> bool:
    """Record what the provider said; False where it said nothing that ends the job and nobody waits any longer."""
    match outcome:
        case Finished(uris):
            found = [parsed[1] for uri in uris if (parsed := parse_uri(uri)) is not None and parsed[0] == job.id]
            if len(found) < len(uris):
                log.error("job.output_misplaced", job_id=str(job.id), named=len(uris), recognised=len(found))
            return start_settling(session, job, found, now) or _not_yet(session, job, now)
        case Blocked(block):
            _blocked(session, job, block, now)
            return True
        case Failed():
            return advance(session, job, JobEvent.PROVIDER_FAILED, now=now, reason=provider_failed_reason(outcome))
        case Pending() | Unreachable():
            return _not_yet(session, job, now)
        case _:
            assert_never(outcome)


def _not_yet(session: Session, job: Job, now: datetime) -> bool:
    assert job.submitted_at is not None
    assert job.deadline_at is not None
    if job.cancel_requested_at is not None or now > job.deadline_at:
        return False
    job.next_check_at = cadence.next_poll(job.submitted_at, now)
    add_job_task(session, job, "/tasks/poll", at=job.next_check_at)
    return True


def _end_without_answer(tools: Tools, job_id: UUID, operation_name: str) -> None:
    """Adopt what lies in the bucket, though the provider did not say that it is there; without anything it is the end."""
    found = _search(tools, job_id)
    now = tools.clock()
    with tools.database.unit_of_work() as session:
        job = lock_job(session, job_id)
        if job.state != JobState.POLLING or job.operation_name != operation_name:
            return
        if start_settling(session, job, found, now) or _not_yet(session, job, now):
            return
        if job.cancel_requested_at is not None:
            advance(session, job, JobEvent.CANCEL_REQUESTED, now=now, reason=cancelled_reason(sent=True))
        else:
            advance(session, job, JobEvent.DEADLINE_PASSED, now=now, reason=timed_out_reason())


def _blocked(session: Session, job: Job, block: SafetyBlock, now: datetime) -> None:
    """Try again where the filter may answer differently: not when a person fixed the seed, nor when they want it stopped."""
    may_pass = block.retryable and job.safety_retries < cadence.SAFETY_RETRIES
    if may_pass and parse_request(job.request).seed is None and job.cancel_requested_at is None:
        advance(
            session,
            job,
            JobEvent.SAFETY_RETRY,
            now=now,
            safety_retries=job.safety_retries + 1,
            admitted_at=None,
            operation_name=None,
            deadline_at=None,
        )
    else:
        advance(session, job, JobEvent.PROVIDER_BLOCKED, now=now, reason=blocked_reason(block))


def start_settling(session: Session, job: Job, found: list[Output], now: datetime) -> bool:
    """Record outputs that exist, in whatever state the job is, and have them settled. False where all are known: nothing changes."""
    outputs = merge(job.outputs, found)
    if outputs == job.outputs:
        return False
    if job.state == JobState.SETTLING:
        # Whoever settles looks at the list once more before it ends the job.
        job.outputs = outputs
        return True
    if not advance(session, job, JobEvent.OBJECT_FINALIZED, now=now, outputs=outputs, settle_attempts=0, next_check_at=now):
        return False
    add_job_task(session, job, "/tasks/settle")
    return True


def object_finalized(tools: Tools, bucket: str, name: str) -> str | None:
    """The bucket says that an output exists: settle at once, without waiting for a poll. Returns where the job's trace began.

    With several samples the provider is asked now and twice more within seconds, so that the siblings settle together.
    """
    parsed = parse_output(bucket, name)
    if parsed is None or bucket != tools.settings.renders_bucket:
        log.info("object.ignored", bucket=bucket)
        return None
    job_id, output = parsed
    with tools.database.unit_of_work() as session:
        job = lock_job(session, job_id)
        with span("job.object_finalized", {"reelgraph.job.id": str(job_id)}, within=job.traceparent) as step:
            _record_finalized(session, job, output, tools.clock())
            note_job(step, job)
    return job.traceparent


def _record_finalized(session: Session, job: Job, output: Output, now: datetime) -> None:
    is_current = output.attempt_id == str(job.attempt_id)
    if job.state == JobState.POLLING and is_current and parse_request(job.request).samples > 1:
        job.next_check_at = now
        for delay in cadence.SAMPLE_POLLS:
            add_job_task(session, job, "/tasks/poll-now", at=now + delay)
        return
    if job.state == JobState.SUBMITTED and is_current and parse_request(job.request).samples > 1:
        # The reply that names the operation is still to come, and polling will find all samples; were the reply lost,
        # the search under the prefix finds them.
        return
    start_settling(session, job, [output], now)


def poll_now(tools: Tools, job_id: UUID) -> None:
    """Poll although it is not due: something was seen of it."""
    with tools.database.unit_of_work() as session:
        job = lock_job(session, job_id)
        if job.state == JobState.POLLING:
            job.next_check_at = tools.clock()
    poll(tools, job_id)


def look_for_lost(tools: Tools, job_id: UUID) -> None:
    """Search the bucket for what may lie there unseen: of a submit whose outcome is unknown, or of a job that ended too early.

    A submit without an output until the provider's deadline is lost; a job that ended is searched for a few times more, and after the
    last time, a day later, its money is held no longer.
    """
    now = tools.clock()
    with tools.database.unit_of_work() as session:
        job = get_job(session, job_id)
        is_late = job.state in END_STATES and job.next_check_at is not None
        is_lost = job.state == JobState.SUBMITTED and not (job.lease_until and job.lease_until > now)
        if not (is_lost or is_late) or not cadence.is_due(job.next_check_at, now):
            return
        version = job.version
    found = _search(tools, job_id) if job.kind != "enhance" else []
    now = tools.clock()
    with tools.database.unit_of_work() as session:
        job = lock_job(session, job_id)
        if job.version != version:
            return
        if is_late:
            _record_late_look(session, job, found, now)
        else:
            _record_search(session, job, found, now)


def _search(tools: Tools, job_id: UUID) -> list[Output]:
    """All outputs of a job that lie in the bucket, of whatever attempt."""
    listed = tools.store.list_under(tools.settings.renders_bucket, job_prefix(job_id))
    return [parsed[1] for stored in listed if (parsed := parse_output(stored.bucket, stored.name)) is not None]


def _record_search(session: Session, job: Job, found: list[Output], now: datetime) -> None:
    assert job.deadline_at is not None
    is_over = now > job.deadline_at or job.cancel_requested_at is not None
    if job.kind == "enhance":
        advance(session, job, JobEvent.SUBMISSION_LOST, now=now, reason=lost_reason(job.kind))
        return
    is_whole = len(found) >= parse_request(job.request).samples
    if (is_whole or is_over) and start_settling(session, job, found, now):
        session.get_one(JobAttempt, job.attempt_id).outcome = "unknown"
    elif not is_over:
        job.next_check_at = now + cadence.RECOVERY_INTERVAL
        add_job_task(session, job, "/tasks/check", at=job.next_check_at)
    elif job.cancel_requested_at is not None:
        advance(session, job, JobEvent.CANCEL_REQUESTED, now=now, reason=cancelled_reason(sent=True))
    else:
        advance(session, job, JobEvent.SUBMISSION_LOST, now=now, reason=lost_reason(job.kind))


def _record_late_look(session: Session, job: Job, found: list[Output], now: datetime) -> None:
    if start_settling(session, job, found, now):
        return
    assert job.finished_at is not None
    job.next_check_at = cadence.next_late_look(job.finished_at, now)
    if job.next_check_at is None:
        advance(session, job, JobEvent.NOTHING_CAME, now=now)
