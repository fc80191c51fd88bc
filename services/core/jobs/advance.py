"""The only place that changes a job's state: the table decides, money moves with it, and everybody concerned is told.

Call with the job locked (repository.lock_job). Everything happens in the caller's transaction.
"""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from services.core.budgets import ledger
from services.core.jobs import cadence
from services.core.jobs.admission import ask_for_admission
from services.core.jobs.model import Job, JobTransition, Run, RunStep, Take
from services.core.jobs.node_status import JobView, node_status
from services.core.jobs.reasons import Reason, input_failed_reason
from services.core.jobs.reports import report_end
from services.core.jobs.repository import find_active_job, get_take, list_dependents
from services.core.jobs.states import ACTIVE_STATES, END_STATES, JobEvent, JobState, Money, transition
from services.core.kit.ids import new_id
from services.core.projects import events
from services.core.projects.model import Node
from services.core.projects.status import set_status
from services.core.video.catalogue import limits_of
from services.core.video.request import cache_key, parse_request

log = structlog.get_logger()


def advance(session: Session, job: Job, event: JobEvent, *, now: datetime, reason: Reason | None = None, **changes: Any) -> bool:
    """Apply `event` with column `changes`; False, and nothing else, where the table says it means nothing in this state.

    `job` is up to date afterwards.
    """
    before = JobState(job.state)
    step = transition(before, event)
    if step is None:
        return False
    values: dict[str, Any] = {
        "state": step.to.value,
        "version": job.version + 1,
        "lease_until": None,
        "next_check_at": cadence.next_late_look(now, now) if step.money is Money.HOLD else None,
        "finished_at": (job.finished_at if step.to is before else now) if step.to in END_STATES else None,
    }
    if before in END_STATES and step.to in ACTIVE_STATES:
        values["cache_key"] = free_key(session, job, job.cache_key)
    if reason is not None:
        values |= {
            "cause": reason.cause,
            "category": reason.category,
            "message": reason.message,
            "advice": reason.advice,
            "can_retry": reason.can_retry,
        }
    elif step.to not in END_STATES or step.to is JobState.SUCCEEDED:
        values |= {"cause": None, "category": None, "message": None, "advice": None, "can_retry": False}
    moved = session.execute(
        update(Job).where(Job.id == job.id, Job.version == job.version).values(**(values | changes)).returning(Job.id)
    ).scalar()
    if moved is None:
        raise RuntimeError(f"job {job.id} was changed while it was locked: lock_job was not called")
    session.refresh(job)
    session.add(
        JobTransition(
            id=new_id(), job_id=job.id, version=job.version, event=event.value, from_state=before.value, to_state=step.to.value, at=now
        )
    )
    _move_money(session, job, step.money, now)
    log.info("job.moved", job_id=str(job.id), job_event=event.value, from_state=before.value, to_state=step.to.value, attempt=job.attempts)
    if step.to is before:
        # An end that stays as it is: only its money moved.
        events.append(session, job.project_id, "job.money_released", job_facts(session, job), at=now)
    else:
        _tell(session, job, before, now)
    return True


def record_creation(session: Session, job: Job, *, now: datetime) -> None:
    """Log and show a job that was just added, and set its money aside."""
    session.flush()
    session.add(
        JobTransition(id=new_id(), job_id=job.id, version=job.version, event="created", from_state=None, to_state=job.state, at=now)
    )
    ledger.reserve(session, project_id=job.project_id, job_id=job.id, amount_microusd=job.cost_microusd, now=now)
    if job.state == JobState.QUEUED:
        events.append(session, job.project_id, "job.queued", job_facts(session, job), at=now, actor_id=job.user_id)


def _move_money(session: Session, job: Job, money: Money, now: datetime) -> None:
    match money:
        case Money.KEEP:
            pass
        case Money.RELEASE:
            ledger.release(session, project_id=job.project_id, job_id=job.id, now=now)
        case Money.HOLD:
            ledger.hold(session, project_id=job.project_id, job_id=job.id, now=now)
        case Money.LET_GO:
            ledger.let_go(session, project_id=job.project_id, job_id=job.id, now=now)
        case Money.CAPTURE:
            # Each delivered sample is billed, blocked siblings are not. Outputs of an earlier attempt were billed as well.
            total = job.cost_microusd if job.kind == "enhance" else price_per_sample(job) * len(job.outputs)
            captured = ledger.capture(session, project_id=job.project_id, job_id=job.id, total_microusd=total, now=now)
            log.info("money.captured", job_id=str(job.id), model=job.model, captured_microusd=captured)


def price_per_sample(job: Job) -> int:
    """What one delivered sample of a job costs, in millionths of a dollar."""
    return job.cost_microusd // max(1, int(job.request.get("samples", 1)))


def _tell(session: Session, job: Job, before: JobState, now: datetime) -> None:
    after = JobState(job.state)
    if after is JobState.SUBMITTED and before is JobState.QUEUED:
        events.append(session, job.project_id, "job.started", job_facts(session, job), at=now)
    elif after is JobState.QUEUED and before is JobState.WAITING:
        events.append(session, job.project_id, "job.queued", job_facts(session, job), at=now)
    if after in END_STATES:
        report_end(session, job, now)
        events.append(session, job.project_id, f"job.{after.value}", job_facts(session, job), at=now)
        _finish_dependents(session, job, now)
        _finish_runs(session, job, now)
    refresh_node(session, job.node_id, now=now)
    if after in END_STATES or after is JobState.QUEUED:
        ask_for_admission(session, job.model, now=now)


def job_facts(session: Session, job: Job) -> dict[str, Any]:
    """A job for the log and for integrations: ids, states, money and reasons; never prompts or addresses of media."""
    made = session.scalars(select(Take.id).where(Take.job_id == job.id).order_by(Take.created_at, Take.sample)) if job.outputs else ()
    facts = {
        "job_id": str(job.id),
        **(run_facts(session.get_one(Run, job.run_id)) if job.run_id else {}),
        "node_id": str(job.node_id),
        "kind": job.kind,
        "hop": job.hop,
        "state": job.state,
        "model": job.model,
        "attempt": job.attempts,
        "cost_microusd": job.cost_microusd,
        "cause": job.cause,
        "category": job.category,
        "message": job.message,
        "advice": job.advice,
        "take_ids": [str(take_id) for take_id in made] or None,
    }
    return {name: value for name, value in facts.items() if value is not None}


def run_facts(run: Run) -> dict[str, str]:
    """By what a run is known outside: its id, and that of the command which started it."""
    return {"run_id": str(run.id), **({"command_id": run.command_id} if run.command_id else {})}


def _finish_dependents(session: Session, job: Job, now: datetime) -> None:
    for dependent in list_dependents(session, job.id):
        if dependent.state != JobState.WAITING:
            continue
        take = chosen_take(session, job) if job.state == JobState.SUCCEEDED else None
        if take is None:
            node = session.get_one(Node, job.node_id)
            advance(session, dependent, JobEvent.INPUT_FAILED, now=now, reason=input_failed_reason(node.title, JobState(job.state)))
            continue
        key = free_key(session, dependent, extension_key(session, dependent, take))
        advance(session, dependent, JobEvent.INPUTS_READY, now=now, parent_take_id=take.id, cache_key=key, queued_at=now)


def extension_key(session: Session, job: Job, parent: Take) -> str:
    """The cache key of a job that extends `parent`."""
    return cache_key(parse_request(job.request), parent_sha256=get_take(session, parent.id)[1].sha256)


def free_key(session: Session, job: Job, key: str | None) -> str | None:
    """`key` for a job that becomes active, or none where another active job of the node has it: one at a time may, says the index.

    Both were paid, or will be: the take gets its own key when it is made (settle).
    """
    other = find_active_job(session, job.node_id, key) if key else None
    return key if other is None or other.id == job.id else None


def chosen_take(session: Session, job: Job) -> Take | None:
    """The take of a job that its extensions go on from: the one the person selected, else the first sample.

    None where there is only a clip that could not be appended to its master: what is made after it would not belong to the chain.
    """
    whole = select(Take).where(Take.job_id == job.id, Take.cache_key.is_not(None))
    takes = list(session.scalars(whole.order_by(Take.created_at, Take.sample)))
    selected = session.get_one(Node, job.node_id).selected_take_id
    return next((take for take in takes if take.id == selected), takes[0] if takes else None)


def _finish_runs(session: Session, job: Job, now: datetime) -> None:
    run_ids = session.scalars(select(RunStep.run_id).where(RunStep.job_id == job.id)).all()
    for run in session.scalars(select(Run).where(Run.id.in_(run_ids), Run.state == "running").with_for_update()):
        finish_run(session, run, now=now)


def finish_run(session: Session, run: Run, *, now: datetime) -> None:
    """End a run whose jobs are all over; nothing while one is under way."""
    found = set(_count_jobs(session, run))
    if found & ACTIVE_STATES:
        return
    if found & {JobState.FAILED, JobState.BLOCKED}:
        end_run(session, run, "failed", now=now)
    else:
        end_run(session, run, "cancelled" if JobState.CANCELLED in found else "succeeded", now=now)


def end_run(session: Session, run: Run, state: Literal["succeeded", "failed", "cancelled"], *, now: datetime) -> None:
    """End a run and tell."""
    run.state, run.finished_at = state, now
    session.flush()
    jobs = {str(state): count for state, count in _count_jobs(session, run).items()}
    events.append(session, run.project_id, "run.finished", {**run_facts(run), "state": state, "jobs": jobs}, at=now)


def _count_jobs(session: Session, run: Run) -> dict[JobState, int]:
    states = select(Job.state, func.count()).join(RunStep, RunStep.job_id == Job.id).where(RunStep.run_id == run.id).group_by(Job.state)
    return {JobState(state): count for state, count in session.execute(states)}


def refresh_node(session: Session, node_id: UUID, *, now: datetime) -> None:
    """Bring a node's state in line with the jobs of its latest run."""
    node = session.scalars(select(Node).where(Node.id == node_id).with_for_update().execution_options(populate_existing=True)).one()
    state, status = node_status([_view(job) for job in _latest_jobs(session, node_id)])
    if state != "idle":
        set_status(session, node, state, status, now=now)


def _latest_jobs(session: Session, node_id: UUID) -> list[Job]:
    """What the node's latest run works on, jobs of earlier runs that it attached to included; of enhancements the newest and any active."""
    newest = session.scalar(select(Job).where(Job.node_id == node_id).order_by(Job.created_at.desc(), Job.hop).limit(1))
    if newest is None:
        return []
    if newest.run_id is None:
        others = select(Job).where(Job.node_id == node_id, Job.run_id.is_(None), Job.id != newest.id, Job.state.in_(ACTIVE_STATES))
        return [newest, *session.scalars(others.order_by(Job.created_at.desc()))]
    steps = select(Job).join(RunStep, RunStep.job_id == Job.id).where(RunStep.run_id == newest.run_id, Job.node_id == node_id)
    return list(session.scalars(steps.order_by(Job.hop)))


def _view(job: Job) -> JobView:
    return JobView(
        id=job.id,
        kind=job.kind,
        state=JobState(job.state),
        hop=job.hop,
        hops=job.hops,
        submitted_at=job.submitted_at,
        finished_at=job.finished_at,
        expected_seconds=limits_of(job.model).expected_seconds,
        cause=job.cause,
        category=job.category,
        message=job.message,
        advice=job.advice,
        can_retry=job.can_retry,
    )
