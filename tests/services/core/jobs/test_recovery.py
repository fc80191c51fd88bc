"""Lost submits and late objects: what was paid is found and kept, once; what is uncertain is held for a day; nothing is sent twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from uuid import UUID

import pytest

from services.core.budgets.ledger import Balance
from services.core.jobs import cadence
from services.core.video.outcomes import Accepted, Blocked, NotSent, Pending, Unknown
from services.core.video.safety import SafetyCategory, block_of
from tests.services.core.jobs.fakes import Killed
from tests.services.core.jobs.world import CLIP, PROVIDER_DEADLINE, World, captured, reserved, uncertain, wait_until

WAIT_SECONDS = 20


def killed_in_the_call(world: World, node_id: UUID) -> UUID:
    """A job whose worker died between the intent and the reply."""
    job_id = world.first_job(world.run(node_id))
    world.veo.answers(Killed())
    with pytest.raises(Killed):
        world.submit(job_id)
    return job_id


def lost(world: World, node_id: UUID) -> UUID:
    """A job that was given up as lost."""
    job_id = killed_in_the_call(world, node_id)
    world.clock.tick(minutes=16)
    world.check(job_id)
    assert world.state(job_id) == "failed"
    return job_id


def test_while_the_lease_holds_nobody_touches_a_submit(world: World) -> None:
    job_id = killed_in_the_call(world, world.a_video())
    world.render(job_id)
    world.clock.now += cadence.SUBMIT_LEASE - timedelta(seconds=1)
    version = world.job(job_id).version
    world.check(job_id)
    assert (world.state(job_id), world.job(job_id).version) == ("submitted", version)


def test_when_the_lease_has_expired_what_lies_under_the_prefix_is_adopted(world: World) -> None:
    job_id = killed_in_the_call(world, world.a_video())
    world.render(job_id)
    world.clock.now += cadence.SUBMIT_LEASE
    world.check(job_id)
    assert world.state(job_id) == "settling"
    assert world.told("/tasks/settle")[0].job_id == job_id

    world.settle(job_id)
    assert world.state(job_id) == "succeeded"
    assert world.balance(job_id) == captured(CLIP)
    assert len(world.takes(job_id)) == len(world.veo.submits) == 1
    assert world.attempts(job_id)[0].outcome == "unknown"


def test_a_search_that_is_asked_for_twice_is_made_once_and_goes_on_once(world: World) -> None:
    job_id = killed_in_the_call(world, world.a_video())
    world.clock.now += cadence.SUBMIT_LEASE
    for _ in range(5):
        world.check(job_id)
    assert len(world.told("/tasks/check")) == 1


def test_until_the_deadline_an_empty_prefix_is_looked_at_again(world: World) -> None:
    job_id = killed_in_the_call(world, world.a_video())
    world.clock.now += cadence.SUBMIT_LEASE
    world.check(job_id)
    job = world.job(job_id)
    assert (job.state, job.next_check_at) == ("submitted", world.clock.now + cadence.RECOVERY_INTERVAL)
    assert [task.at for task in world.told("/tasks/check")] == [job.next_check_at]


def test_after_the_deadline_it_is_lost_with_the_money_uncertain_and_a_retry_for_a_person(world: World) -> None:
    node_id = world.a_video()
    job_id = lost(world, node_id)
    job = world.job(job_id)
    assert (job.cause, job.can_retry) == ("submission_lost", True)
    assert world.balance(job_id) == uncertain(CLIP)
    assert len(world.veo.submits) == 1
    assert world.node(node_id).status["can_retry"] is True

    again = world.retry(job_id)
    assert (again.state, again.retry_of_id) == ("queued", job_id)
    assert world.balance(again.id) == reserved(CLIP)
    assert world.balance(job_id) == uncertain(CLIP)


def test_a_reply_that_comes_while_the_bucket_is_searched_counts(world: World) -> None:
    job_id = world.first_job(world.run(world.a_video()))
    search_began = Event()
    world.veo.while_submitting = lambda submit: search_began.wait(WAIT_SECONDS)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(world.submit, job_id)
        wait_until(lambda: len(world.veo.submits) == 1)
        world.clock.now += cadence.SUBMIT_LEASE

        def reply() -> None:
            search_began.set()
            call.result(WAIT_SECONDS)

        world.store.while_listing = reply
        world.check(job_id)
    job = world.job(job_id)
    assert (job.state, job.next_check_at) == ("polling", world.clock.now + cadence.POLL_INTERVAL)
    assert not world.told("/tasks/check")


def test_of_several_samples_the_search_waits_for_all_until_the_deadline(world: World) -> None:
    job_id = killed_in_the_call(world, world.a_video(samples=2))
    world.render(job_id, sample=1)
    world.clock.now += cadence.SUBMIT_LEASE
    world.check(job_id)
    assert world.state(job_id) == "submitted"

    world.clock.now += PROVIDER_DEADLINE
    world.check(job_id)
    world.settle(job_id)
    assert world.state(job_id) == "succeeded"
    assert [take.sample for take in world.takes(job_id)] == [1]
    assert world.balance(job_id) == captured(CLIP)


def test_an_object_that_comes_after_the_submission_was_lost_is_adopted_and_captured_once(world: World) -> None:
    job_id = lost(world, world.a_video())
    name = world.render(job_id)
    for _ in range(3):
        world.finalized(name)
        world.settle(job_id)
    assert world.state(job_id) == "succeeded"
    assert len(world.takes(job_id)) == 1
    assert world.balance(job_id) == captured(CLIP)
    assert world.job(job_id).cause is None


def test_a_late_object_is_adopted_although_its_retry_is_under_way(world: World) -> None:
    node_id = world.a_video()
    old = lost(world, node_id)
    name = world.render(old)
    again = world.retry(old).id
    world.deliver_due()
    assert world.state(again) == "polling"

    world.finalized(name)
    world.settle(old)
    assert world.state(old) == "succeeded"
    assert (world.state(again), world.balance(again)) == ("polling", reserved(CLIP))
    assert world.balance(old) == captured(CLIP)

    world.finish(again)
    assert world.balance(again) == captured(CLIP)
    assert {take.job_id for take in world.takes()} == {old, again}


def test_a_late_object_counts_as_the_node_s_result_for_the_next_run(world: World) -> None:
    node_id = world.a_video()
    old = lost(world, node_id)
    name = world.render(old)
    again = world.retry(old).id
    world.finalized(name)
    world.settle(old)
    world.cancel(again)
    assert world.estimate(node_id).cost_microusd == 0


def test_an_object_that_comes_after_a_cancel_is_adopted_and_captured_once(world: World) -> None:
    job_id = world.submitted(world.a_video())
    world.cancel(job_id)
    world.poll(job_id)
    assert (world.state(job_id), world.balance(job_id)) == ("cancelled", uncertain(CLIP))

    name = world.render(job_id)
    world.finalized(name)
    world.settle(job_id)
    world.finalized(name)
    world.settle(job_id)
    assert world.state(job_id) == "succeeded"
    assert len(world.takes(job_id)) == 1
    assert world.balance(job_id) == captured(CLIP)


def test_an_object_of_a_blocked_job_is_adopted_and_paid(world: World) -> None:
    job_id = world.submitted(world.a_video())
    world.veo.says(Blocked(block_of(SafetyCategory.CHILD)))
    world.poll(job_id)
    assert world.state(job_id) == "blocked"
    world.finish(job_id)
    assert (world.state(job_id), world.balance(job_id)) == ("succeeded", captured(CLIP))


@pytest.mark.parametrize("state", ["queued", "submitted", "polling"])
def test_an_object_of_an_earlier_attempt_is_adopted_while_a_later_one_is(world: World, state: str) -> None:
    job_id = world.first_job(world.run(world.a_video()))
    world.veo.answers(NotSent("quota", 5.0))  # not true, as will turn out
    world.submit(job_id)
    if state != "queued":
        world.wait_for_turn(job_id)
        world.admit()
        world.veo.answers(Unknown("timeout") if state == "submitted" else Accepted("operations/2"))
        world.submit(job_id)
    assert world.state(job_id) == state

    world.finalized(world.render(job_id, attempt=0))
    world.settle(job_id)
    assert world.state(job_id) == "succeeded"
    assert world.balance(job_id) == captured(CLIP)

    if state != "queued":  # the later attempt delivers as well: it was billed too
        world.finalized(world.render(job_id))
        world.settle(job_id)
    takes = world.takes(job_id)
    assert {take.attempt_id for take in takes} == {attempt.id for attempt in world.attempts(job_id)}
    assert world.balance(job_id) == captured(CLIP * len(takes))


def test_an_object_of_an_earlier_attempt_is_adopted_after_a_later_one_succeeded(world: World) -> None:
    node_id = world.a_video()
    job_id = world.first_job(world.run(node_id))
    world.veo.answers(NotSent("refused"))
    world.submit(job_id)
    world.wait_for_turn(job_id)
    world.admit()
    world.submit(job_id)
    world.finish(job_id)
    shown = world.node(node_id).selected_take_id

    name = world.render(job_id, attempt=0)
    for _ in range(2):
        world.finalized(name)
        world.settle(job_id)
    assert world.state(job_id) == "succeeded"
    assert len(world.takes(job_id)) == 2
    assert world.balance(job_id) == captured(2 * CLIP)
    assert world.node(node_id).selected_take_id == shown


def test_a_late_take_of_an_old_job_does_not_replace_the_result_that_people_see(world: World) -> None:
    node_id = world.a_video()
    old = lost(world, node_id)
    world.clock.tick(seconds=1)
    again = world.retry(old).id
    world.deliver_due()
    world.finish(again)
    shown = world.node(node_id).selected_take_id

    world.finalized(world.render(old))
    world.settle(old)
    assert world.state(old) == "succeeded"
    assert world.node(node_id).selected_take_id == shown
    assert world.takes(again)[0].id == shown


def test_an_object_whose_event_was_lost_is_found_by_a_late_look(world: World) -> None:
    job_id = lost(world, world.a_video())
    world.render(job_id)
    world.forget_told()
    world.clock.tick(hours=1)
    world.sweep()
    world.deliver_due()
    assert (world.state(job_id), world.balance(job_id)) == ("succeeded", captured(CLIP))


def look_till_the_last(world: World, job_id: UUID) -> int:
    """Sweep until nobody looks any more; returns how often somebody did."""
    looks = 0
    while world.job(job_id).next_check_at is not None:
        looks += 1
        assert looks < 10
        assert world.balance(job_id) == uncertain(CLIP)
        world.clock.now = (world.job(job_id).next_check_at or world.clock.now) + timedelta(seconds=6)
        world.sweep()
        world.deliver_due()
    return looks


def cancelled_in_flight(world: World, node_id: UUID) -> UUID:
    job_id = world.submitted(node_id)
    world.cancel(job_id)
    world.poll(job_id)
    return job_id


def timed_out(world: World, node_id: UUID) -> UUID:
    job_id = world.submitted(node_id)
    world.clock.now += PROVIDER_DEADLINE + timedelta(seconds=1)
    world.veo.says(Pending())
    world.poll(job_id)
    return job_id


HELD = pytest.mark.parametrize(("end", "state"), [(lost, "failed"), (timed_out, "failed"), (cancelled_in_flight, "cancelled")])


@HELD
def test_what_never_came_within_a_day_is_given_back(world: World, end: Callable[[World, UUID], UUID], state: str) -> None:
    node_id = world.a_video()
    job_id = end(world, node_id)
    ended, shown = world.job(job_id), world.node(node_id)
    run_id = ended.run_id
    assert run_id is not None
    told = world.events()

    assert look_till_the_last(world, job_id) == len(cadence.LATE_LOOKS)

    job = world.job(job_id)
    assert (job.state, world.balance(job_id), world.project_balance()) == (state, Balance(), Balance())
    assert (job.finished_at, job.cause, job.message) == (ended.finished_at, ended.cause, ended.message)
    assert world.clock.now - (job.finished_at or world.clock.now) >= timedelta(hours=24)
    assert world.transitions(job_id)[-1] == "nothing_came"
    assert world.events() == [*told, "job.money_released"]
    assert world.the_run_of(run_id).state != "running"
    assert (world.node(node_id).state, world.node(node_id).status) == (shown.state, shown.status)


@HELD
def test_what_came_before_the_last_look_is_captured_and_nothing_is_given_back(
    world: World, end: Callable[[World, UUID], UUID], state: str
) -> None:
    job_id = end(world, world.a_video())
    world.clock.tick(hours=7)
    world.sweep()
    world.deliver_due()
    assert (world.state(job_id), world.balance(job_id)) == (state, uncertain(CLIP))
    world.render(job_id)  # its event never comes

    world.clock.tick(hours=18)
    world.sweep()
    world.deliver_due()

    assert (world.state(job_id), world.balance(job_id)) == ("succeeded", captured(CLIP))
    assert "job.money_released" not in world.events()
    assert world.job(job_id).next_check_at is None


@HELD
def test_what_came_after_it_was_given_back_is_captured_all_the_same(world: World, end: Callable[[World, UUID], UUID], state: str) -> None:
    job_id = end(world, world.a_video())
    look_till_the_last(world, job_id)
    assert (world.state(job_id), world.balance(job_id)) == (state, Balance())

    name = world.render(job_id)
    for _ in range(2):
        world.finalized(name)
        world.settle(job_id)

    assert (world.state(job_id), world.balance(job_id)) == ("succeeded", captured(CLIP))
    assert len(world.takes(job_id)) == 1


def test_the_last_look_delivered_twice_gives_back_once(world: World) -> None:
    job_id = lost(world, world.a_video())
    last = None
    while world.job(job_id).next_check_at is not None:
        world.clock.now = (world.job(job_id).next_check_at or world.clock.now) + timedelta(seconds=6)
        world.sweep()
        last = next(task for task in world.told("/tasks/check") if task.job_id == job_id)
        world.deliver_due()
    assert last is not None

    world.deliver(last)

    assert world.events("job.").count("job.money_released") == 1
    assert world.transitions(job_id).count("nothing_came") == 1


def test_the_output_of_an_attempt_that_nobody_polls_any_more_is_found_by_a_late_look(world: World) -> None:
    job_id = world.first_job(world.run(world.a_video()))
    world.veo.answers(NotSent("refused"))
    world.submit(job_id)
    world.wait_for_turn(job_id)
    world.admit()
    world.submit(job_id)
    world.finalized(world.render(job_id, attempt=0))
    world.settle(job_id)
    world.render(job_id, attempt=1)  # its event never comes
    world.clock.tick(hours=1)
    world.sweep()
    world.deliver_due()
    assert len(world.takes(job_id)) == 2
    assert world.balance(job_id) == captured(2 * CLIP)


def test_a_job_that_ended_with_all_it_asked_for_is_not_looked_for(world: World) -> None:
    job_id = world.made(world.a_video())
    assert world.job(job_id).next_check_at is None


def test_two_renders_of_one_submit_are_both_kept(world: World) -> None:
    """Should the provider ever render one request twice, both objects are called sample_0 and lie in folders of their own."""
    job_id = world.submitted(world.a_video())
    first = world.render(job_id)
    second = first.replace("1234567890", "9876543210")
    world.store.put("test-renders", second, '{"frames": 192, "width": 1280, "height": 720, "other": 1}')
    for name in (first, second, first, second):
        world.finalized(name)
    world.settle(job_id)
    assert len(world.takes(job_id)) == 2
    assert len({world.asset(take).sha256 for take in world.takes(job_id)}) == 2
    assert world.balance(job_id) == captured(2 * CLIP)


@pytest.mark.parametrize(
    ("bucket", "name"),
    [
        ("test-media", "{job}/{attempt}/1/sample_0.mp4"),
        ("test-renders", "{job}/{attempt}/1/notes.txt"),
        ("test-renders", "somebody/else.mp4"),
    ],
)
def test_objects_that_are_no_outputs_change_nothing(world: World, bucket: str, name: str) -> None:
    job_id = world.submitted(world.a_video())
    version = world.job(job_id).version
    world.finalized(name.format(job=job_id, attempt=world.attempts(job_id)[0].id), bucket=bucket)
    assert world.job(job_id).version == version
