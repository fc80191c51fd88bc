"""The table of jobs on every pair of state and event: what it says happens, and nothing else does."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from services.core.budgets import ledger
from services.core.budgets.ledger import Balance
from services.core.budgets.model import BudgetEntry
from services.core.jobs.advance import advance
from services.core.jobs.model import Job, JobAttempt, JobTransition
from services.core.jobs.outputs import Output, output_prefix
from services.core.jobs.reasons import Reason
from services.core.jobs.repository import lock_job
from services.core.jobs.states import ACTIVE_STATES, END_STATES, TRANSITIONS, JobEvent, JobState, Money, transition
from services.core.kit.ids import new_id
from services.core.outbox.model import OutboxRow
from services.core.projects.model import Project, ProjectEvent
from services.core.video.request import TextToVideo
from tests.services.core.jobs.world import CLIP, FAST, World, captured, reserved, uncertain

MONEY_IN: dict[JobState, Balance] = dict.fromkeys(ACTIVE_STATES, reserved(CLIP)) | {
    JobState.SUCCEEDED: captured(CLIP),
    JobState.FAILED: uncertain(CLIP),
    JobState.BLOCKED: Balance(),
    JobState.CANCELLED: Balance(),
}
NEEDED: dict[JobEvent, dict[str, Any]] = {
    JobEvent.SUBMIT_STARTED: {"attempt_id": UUID(int=1)},
    JobEvent.OPERATION_NAMED: {"operation_name": "operations/1"},
}
"""Columns that the tables of the database insist on."""


def a_job(world: World, node_id: UUID, state: JobState) -> UUID:
    """A job in a state with all that is certain in it, its money included."""
    now = world.clock.now
    job_id, attempt_id = new_id(), new_id()
    was_sent = state not in (JobState.WAITING, JobState.QUEUED)
    output = Output("test-renders", f"{output_prefix(job_id, attempt_id)}1/sample_0.mp4", str(attempt_id), 0)
    job = Job(
        id=job_id,
        project_id=world.project_id,
        node_id=node_id,
        user_id=world.user_id,
        kind="generate",
        state=state,
        model=FAST,
        request=TextToVideo(model=FAST, prompt="A fox").model_dump(mode="json"),
        cache_key=str(job_id),
        cost_microusd=CLIP,
        attempt_id=attempt_id if was_sent else None,
        attempts=int(was_sent),
        operation_name="operations/1" if was_sent and state != JobState.SUBMITTED else None,
        outputs=[output.as_json()],
        lease_until=now,
        deadline_at=now,
        created_at=now,
        finished_at=now if state in END_STATES else None,
    )
    with world.database.unit_of_work() as session:
        session.add(job)
        session.flush()
        if was_sent:
            session.add(JobAttempt(id=attempt_id, job_id=job_id, number=1, output_prefix=output_prefix(job_id, attempt_id), started_at=now))
        money: dict[str, Any] = {"project_id": world.project_id, "job_id": job_id, "now": now}
        ledger.reserve(session, amount_microusd=CLIP, **money)
        match state:
            case JobState.SUCCEEDED:
                ledger.capture(session, total_microusd=CLIP, **money)
            case JobState.FAILED:
                ledger.hold(session, **money)
            case JobState.BLOCKED | JobState.CANCELLED:
                ledger.release(session, **money)
            case _:
                pass
    return job_id


def everything(world: World) -> dict[str, int]:
    """How many rows there are of all that a transition may write, and the project's revision."""
    with world.database.unit_of_work() as session:
        counts = {
            table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0
            for table in (Job, JobAttempt, JobTransition, BudgetEntry, OutboxRow, ProjectEvent)
        }
        return counts | {"rev": session.get_one(Project, world.project_id).rev}


def columns(job: Job) -> dict[str, Any]:
    return {name: getattr(job, name) for name in Job.__table__.columns.keys()}  # noqa: SIM118 - it is no dict: iterating gives columns


def apply(world: World, job_id: UUID, event: JobEvent, reason: Reason | None = None) -> bool:
    changes = dict(NEEDED.get(event, {}))
    if event is JobEvent.SUBMIT_STARTED:
        changes["lease_until"] = world.clock.now
    with world.database.unit_of_work() as session:
        job = lock_job(session, job_id)
        return advance(session, job, event, now=world.clock.now, reason=reason, **changes)


def money_after(state: JobState, money: Money) -> Balance:
    before = MONEY_IN[state]
    match money:
        case Money.KEEP:
            return before
        case Money.RELEASE | Money.LET_GO:
            return Balance()
        case Money.HOLD:
            return uncertain(CLIP)
        case Money.CAPTURE:
            return captured(CLIP)


@pytest.mark.parametrize("state", list(JobState))
def test_each_pair_of_the_table_moves_state_and_money_and_leaves_a_trace(world: World, state: JobState) -> None:
    pairs = {event: step for (before, event), step in TRANSITIONS.items() if before is state}
    assert pairs, "no state is a dead end: a late object is adopted in each"
    for event, step in pairs.items():
        node_id = world.a_video()
        job_id = a_job(world, node_id, state)
        before = world.job(job_id)

        assert apply(world, job_id, event, Reason("why", "It happened.", "Do this."))

        after = world.job(job_id)
        assert (after.state, after.version) == (step.to, before.version + 1), event
        assert world.balance(job_id) == money_after(state, step.money), event
        assert world.transitions(job_id) == [event.value]
        assert (after.finished_at is not None) == (step.to in END_STATES)
        shown = "idle" if step.to is state else step.to
        assert world.node(node_id).state == {"submitted": "running", "polling": "running", "settling": "running"}.get(step.to, shown)
        if step.to in END_STATES:
            told = "job.money_released" if step.to is state else f"job.{step.to.value}"
            assert world.events("job.")[-1] == told


@pytest.mark.parametrize("state", list(JobState))
def test_a_pair_that_is_not_in_the_table_changes_nothing(world: World, state: JobState) -> None:
    unknown = [event for event in JobEvent if transition(state, event) is None]
    assert unknown
    job_id = a_job(world, world.a_video(), state)
    before, rows = columns(world.job(job_id)), everything(world)
    for event in unknown:
        assert not apply(world, job_id, event, Reason("why", "It happened.", "Do this."))

    assert columns(world.job(job_id)) == before
    assert everything(world) == rows
    assert world.balance(job_id) == MONEY_IN[state]


def test_the_two_lists_of_states_are_all_states() -> None:
    assert set(JobState) == ACTIVE_STATES | END_STATES
    assert not ACTIVE_STATES & END_STATES
    assert {state for state, _ in TRANSITIONS} == set(JobState)


def test_an_end_is_left_only_for_work_that_was_paid() -> None:
    left = {(state, event): step.to for (state, event), step in TRANSITIONS.items() if state in END_STATES}
    adopted = {(state, JobEvent.OBJECT_FINALIZED): JobState.SETTLING for state in END_STATES}
    assert {pair for pair, to in left.items() if to is pair[0]} == {
        (JobState.FAILED, JobEvent.NOTHING_CAME),
        (JobState.CANCELLED, JobEvent.NOTHING_CAME),
    }
    left = {pair: to for pair, to in left.items() if to is not pair[0]}
    # An answer of the prompt model that comes after its submit was given up: billed, so it is used.
    assert left == adopted | {(JobState.FAILED, JobEvent.ANSWERED): JobState.SUCCEEDED}


def test_money_is_given_back_only_where_the_provider_cannot_bill() -> None:
    sent = {JobState.SUBMITTED, JobState.POLLING, JobState.SETTLING}
    released = {event for (state, event), step in TRANSITIONS.items() if state in sent and step.money is Money.RELEASE}
    assert released == {JobEvent.REQUEST_REJECTED, JobEvent.PROVIDER_BLOCKED, JobEvent.PROVIDER_FAILED}


def test_what_was_held_is_let_go_only_after_the_last_look() -> None:
    assert {event for (_, event), step in TRANSITIONS.items() if step.money is Money.LET_GO} == {JobEvent.NOTHING_CAME}


def test_money_never_stays_reserved_at_an_end() -> None:
    for (state, event), step in TRANSITIONS.items():
        if step.to in END_STATES:
            assert step.money is not Money.KEEP, (state, event)


def test_no_event_leads_from_a_call_under_way_back_to_a_second_call_unless_the_first_cannot_be_billed() -> None:
    back = {event for (state, event), step in TRANSITIONS.items() if step.to is JobState.QUEUED and state is not JobState.WAITING}
    assert back == {JobEvent.NOT_SENT, JobEvent.SAFETY_RETRY}


def test_every_active_state_reaches_an_end() -> None:
    reached = set(END_STATES)
    for _ in JobState:
        reached |= {state for (state, _), step in TRANSITIONS.items() if step.to in reached}
    assert reached == set(JobState)
