"""Starting, cancelling and retrying work: the graph is frozen, the money is set aside, the jobs are queued, all in one transaction."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.budgets import ledger
from services.core.jobs.admission import admit
from services.core.jobs.advance import (
    advance,
    chosen_take,
    end_run,
    extension_key,
    finish_run,
    free_key,
    record_creation,
    refresh_node,
    run_facts,
)
from services.core.jobs.model import Job, Run, RunStep
from services.core.jobs.plan import ParentJob, ParentTake, Plan, Planner, Scope, Step, waiting_key
from services.core.jobs.reasons import cancelled_reason
from services.core.jobs.repository import get_run, list_dependents, list_steps, lock_job
from services.core.jobs.states import ACTIVE_STATES, JobEvent, JobState
from services.core.jobs.tasks import add_job_task
from services.core.kit.errors import Conflict
from services.core.kit.ids import new_id
from services.core.projects import events
from services.core.projects.graph import Graph, freeze
from services.core.projects.model import Node, Project
from services.core.projects.repository import get_project, load_graph
from services.core.projects.status import set_status
from services.core.video.request import cache_key, parse_request


def estimate(session: Session, project_id: UUID, *, scope: Scope, node_id: UUID | None, forced: bool) -> Plan:
    """What the run would do and cost now."""
    return Planner(session, project_id, load_graph(session, project_id), forced=forced).plan(scope, node_id)


def start_run(session: Session, *, project_id: UUID, user_id: UUID, scope: Scope, node_id: UUID | None, forced: bool, now: datetime) -> Run:
    """Start a run, or raise before anything was queued: a node that is not ready, a rule of the model, the spending limit."""
    project = get_project(session, project_id, lock=True)
    graph = load_graph(session, project_id)
    plan = plan_within_limit(session, project, graph, scope=scope, node_id=node_id, forced=forced)
    run = Run(id=new_id(), project_id=project_id, user_id=user_id, scope=scope, node_id=node_id, forced=forced, created_at=now)
    return begin_run(session, run, graph, plan, now=now)


def plan_within_limit(session: Session, project: Project, graph: Graph, *, scope: Scope, node_id: UUID | None, forced: bool) -> Plan:
    """What a run over `graph` would do, if the project's money suffices for it; changes nothing. Call with the project locked."""
    plan = Planner(session, project.id, graph, forced=forced).plan(scope, node_id)
    ledger.check_limit(session, project.id, limit_microusd=project.spending_limit_microusd, estimate_microusd=plan.cost_microusd)
    return plan


def begin_run(session: Session, run: Run, graph: Graph, plan: Plan, *, now: datetime) -> Run:
    """Add `run` with its frozen graph, and queue what was planned. Call in the transaction of the plan."""
    run.graph, run.state, run.estimate_microusd = freeze(graph), "running", plan.cost_microusd
    session.add(run)
    session.flush()
    started = {
        **run_facts(run),
        "scope": run.scope,
        "estimate_microusd": plan.cost_microusd,
        "jobs": sum(1 for s in plan.steps if s.job_id),
    }
    events.append(session, run.project_id, "run.started", started, at=now, actor_id=run.user_id)
    for ordinal, step in enumerate(plan.steps):
        if step.job_id is not None:
            _create_job(session, run, step, step.job_id, now)
        if step.attached_job_id is not None:
            # Where somebody had wanted it stopped, it is wanted again; as it was sent already, it costs nothing more.
            session.get_one(Job, step.attached_job_id).cancel_requested_at = None
        session.add(
            RunStep(
                run_id=run.id,
                ordinal=ordinal,
                node_id=step.node_id,
                hop=step.hop,
                job_id=step.job_id or step.attached_job_id,
                take_id=step.take_id,
            )
        )
        session.flush()
    _show(session, plan, now)
    finish_run(session, run, now=now)
    return run


def _create_job(session: Session, run: Run, step: Step, job_id: UUID, now: datetime) -> None:
    waits = isinstance(step.parent, ParentJob)
    job = Job(
        id=job_id,
        project_id=run.project_id,
        run_id=run.id,
        node_id=step.node_id,
        user_id=run.user_id,
        kind=step.kind,
        hop=step.hop,
        hops=step.hops,
        state=JobState.WAITING if waits else JobState.QUEUED,
        version=1,
        model=step.request.model,
        request=step.request.model_dump(mode="json"),
        depends_on_job_id=step.parent.job_id if isinstance(step.parent, ParentJob) else None,
        parent_take_id=step.parent.take_id if isinstance(step.parent, ParentTake) else None,
        cache_key=step.key,
        forced=run.forced,
        cost_microusd=step.cost_microusd,
        queued_at=None if waits else now,
        outputs=[],
        created_at=now,
    )
    session.add(job)
    record_creation(session, job, now=now)


def _show(session: Session, plan: Plan, now: datetime) -> None:
    """Nodes with work show it; nodes whose result exists already show that; then the queue is looked at."""
    working = {step.node_id for step in plan.steps if not step.take_id}
    for step in plan.steps:
        if step.node_id in working or step.hop != step.hops:
            continue
        node = session.get_one(Node, step.node_id, with_for_update=True)
        node.selected_take_id = step.take_id
        set_status(session, node, "succeeded", {"hop": step.hop, "hops": step.hops, "cached": True}, now=now)
    for node_id in sorted(working):
        refresh_node(session, node_id, now=now)
    for model in sorted({step.request.model for step in plan.steps if step.job_id}):
        admit(session, model, now=now)


def cancel_job(session: Session, job_id: UUID, *, now: datetime) -> Job:
    """Stop a job: at once where nothing was sent, else at the next look at the provider. An ended job stays as it is.

    Veo has no cancel: what was sent may still be billed, and is kept if it arrives.
    """
    job = lock_job(session, job_id)
    if job.state not in ACTIVE_STATES or job.state == JobState.SETTLING:
        return job
    if job.state in (JobState.WAITING, JobState.QUEUED):
        advance(session, job, JobEvent.CANCEL_REQUESTED, now=now, reason=cancelled_reason(sent=False))
    elif job.cancel_requested_at is None:
        job.cancel_requested_at = now
        if job.state == JobState.POLLING:
            add_job_task(session, job, "/tasks/poll-now")
    return job


def cancel_run(session: Session, project_id: UUID, run_id: UUID, *, now: datetime) -> Run:
    """End a run, and stop its jobs that no other run under way is waiting for. A run that is over stays as it is."""
    get_project(session, project_id, lock=True)
    run = get_run(session, project_id, run_id)
    session.refresh(run)
    if run.state != "running":
        return run
    # From the end of each chain, so that no dependent is told that its input failed when a person cancelled it.
    for step in reversed(list_steps(session, run_id)):
        if step.job_id is None:
            continue
        others = session.scalar(
            select(func.count())
            .select_from(RunStep)
            .join(Run, Run.id == RunStep.run_id)
            .where(RunStep.job_id == step.job_id, Run.id != run_id, Run.state == "running")
        )
        if not others:
            cancel_job(session, step.job_id, now=now)
    session.refresh(run)
    if run.state == "running":
        # It waits for nothing any more, though what was sent, or is shared, goes on.
        end_run(session, run, "cancelled", now=now)
    return run


def retry_job(session: Session, job_id: UUID, *, user_id: UUID, now: datetime) -> Job:
    """Do a failed, blocked or cancelled job once more, with all that waited for it. The money is set aside anew.

    A new job, so that the old one can still adopt what its lost submission may bring.
    """
    old = lock_job(session, job_id)
    if old.cause == "output_not_stored":
        # It was rendered and paid: what is done once more is the storing, not the rendering.
        advance(session, old, JobEvent.OBJECT_FINALIZED, now=now, settle_attempts=0, next_check_at=now)
        add_job_task(session, old, "/tasks/settle")
        return old
    ended_badly = {JobState.FAILED, JobState.BLOCKED, JobState.CANCELLED}
    if old.state not in ended_badly or not old.can_retry:
        why = "is under way" if old.state in ACTIVE_STATES else f"is {old.state} and would end the same way"
        raise Conflict("cannot_retry", f"The job {job_id} {why}.", old.advice or "Change the node and run it.")
    if session.scalar(select(func.count()).where(Job.retry_of_id == job_id)):
        raise Conflict("retried_already", f"The job {job_id} was retried already.", "Look at the node's newest job.")
    if old.cache_key and session.scalar(
        select(func.count()).where(Job.node_id == old.node_id, Job.cache_key == old.cache_key, Job.state.in_(ACTIVE_STATES))
    ):
        raise Conflict("same_work_under_way", "The same work is under way by another job.", "Wait for it; its result counts for both.")
    chain = [old, *_cancelled_after(session, old)]
    project = get_project(session, old.project_id)
    ledger.check_limit(
        session,
        old.project_id,
        limit_microusd=project.spending_limit_microusd,
        estimate_microusd=sum(job.cost_microusd for job in chain),
    )
    new_ids = {job.id: new_id() for job in chain}
    for job in chain:
        _clone(session, job, new_ids, user_id=user_id, now=now)
    for node_id in sorted({job.node_id for job in chain}):
        refresh_node(session, node_id, now=now)
    admit(session, old.model, now=now)
    return session.get_one(Job, new_ids[old.id])


def _cancelled_after(session: Session, job: Job) -> list[Job]:
    """Jobs that were cancelled because this one ended badly, or with it, in the order of the chain."""
    found: list[Job] = []
    for dependent in list_dependents(session, job.id):
        was_retried = session.scalar(select(func.count()).where(Job.retry_of_id == dependent.id))
        went_with_it = dependent.cause == "input_failed" or job.cause == "cancelled"
        if dependent.state == JobState.CANCELLED and dependent.parent_take_id is None and went_with_it and not was_retried:
            found += [dependent, *_cancelled_after(session, dependent)]
    return found


def _clone(session: Session, old: Job, new_ids: dict[UUID, UUID], *, user_id: UUID, now: datetime) -> None:
    job = Job(
        id=new_ids[old.id],
        project_id=old.project_id,
        run_id=old.run_id,
        node_id=old.node_id,
        user_id=user_id,
        kind=old.kind,
        hop=old.hop,
        hops=old.hops,
        state=JobState.QUEUED,
        version=1,
        model=old.model,
        request=old.request,
        depends_on_job_id=old.depends_on_job_id,
        parent_take_id=old.parent_take_id,
        tail=None,
        cache_key=old.cache_key,
        retry_of_id=old.id,
        forced=old.forced,
        cost_microusd=old.cost_microusd,
        queued_at=now,
        outputs=[],
        created_at=now,
    )
    if old.kind == "extend" and old.parent_take_id is None:
        _find_parent(session, job, new_ids)
    job.cache_key = free_key(session, job, job.cache_key)
    session.add(job)
    record_creation(session, job, now=now)
    steps = session.scalars(select(RunStep).where(RunStep.job_id == old.id)).all()
    for step in steps:
        step.job_id = job.id
    for run in session.scalars(select(Run).where(Run.id.in_([step.run_id for step in steps]))):
        # A run of somebody else who shared the work goes on as well, unless that person cancelled it.
        if run.id == old.run_id or run.state == "failed":
            run.state, run.finished_at = "running", None
    session.flush()


def _find_parent(session: Session, job: Job, new_ids: dict[UUID, UUID]) -> None:
    """Let an extension that never had its input wait for what makes it now, or go on from it where it was made meanwhile."""
    assert job.depends_on_job_id is not None
    parent_id = new_ids.get(job.depends_on_job_id, job.depends_on_job_id)
    parent = session.get_one(Job, parent_id)
    while (retried := session.scalar(select(Job).where(Job.retry_of_id == parent.id))) is not None:
        parent = retried
    job.depends_on_job_id = parent.id
    if parent.state in ACTIVE_STATES:
        job.state, job.queued_at = JobState.WAITING, None
        job.cache_key = cache_key(parse_request(job.request), parent_sha256=waiting_key(parent.id))
        return
    take = chosen_take(session, parent) if parent.state == JobState.SUCCEEDED else None
    if take is None:
        raise Conflict("input_missing", f"The job {job.retry_of_id} needs what the job {parent.id} was to make.", "Retry that one.")
    job.parent_take_id = take.id
    job.cache_key = extension_key(session, job, take)
