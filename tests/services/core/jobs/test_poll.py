"""Polling: what each state of an operation means, and that every operation comes to an end."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from uuid import UUID

import pytest

from services.core.budgets.ledger import Balance
from services.core.jobs import cadence, poll
from services.core.video.outcomes import Blocked, Failed, Finished, Pending, PollOutcome, Unreachable
from services.core.video.safety import NEVER_RETRIED, SafetyCategory, block_of, parse_reasons
from tests.services.core.jobs.world import CLIP, PROVIDER_DEADLINE, World, captured, reserved, uncertain

WAIT_SECONDS = 20


def uri(name: str) -> str:
    return f"gs://test-renders/{name}"


def test_a_pending_operation_is_asked_again_after_the_interval(world: World) -> None:
    job_id = world.submitted(world.a_video())
    world.forget_told()
    world.poll(job_id)
    job = world.job(job_id)
    assert (job.state, job.polls, job.next_check_at) == ("polling", 1, world.clock.now + cadence.POLL_INTERVAL)
    assert [task.at for task in world.told("/tasks/poll")] == [job.next_check_at]


def test_after_some_minutes_an_operation_is_asked_less_often(world: World) -> None:
    job_id = world.submitted(world.a_video())
    world.clock.now += cadence.PATIENCE
    world.poll(job_id)
    assert world.job(job_id).next_check_at == world.clock.now + cadence.LATE_POLL_INTERVAL


def test_a_poll_that_comes_early_or_twice_asks_nobody(world: World) -> None:
    job_id = world.submitted(world.a_video())
    poll.poll(world.tools, job_id)
    assert not world.veo.polled
    world.poll(job_id)
    poll.poll(world.tools, job_id)
    assert len(world.veo.polled) == 1


def test_while_one_worker_asks_another_does_not(world: World) -> None:
    job_id = world.submitted(world.a_video())
    world.clock.now += cadence.POLL_INTERVAL
    other_is_through = Event()
    world.veo.while_polling = lambda name: other_is_through.wait(WAIT_SECONDS)

    def ask() -> None:
        poll.poll(world.tools, job_id)
        other_is_through.set()

    with ThreadPoolExecutor(2) as pool:
        for worker in [pool.submit(ask) for _ in range(2)]:
            worker.result(WAIT_SECONDS)
    assert len(world.veo.polled) == 1
    assert len(world.told("/tasks/poll")) == 2  # that of the submit, and one for the next time


def test_a_finished_operation_is_settled(world: World) -> None:
    job_id = world.submitted(world.a_video())
    world.veo.says(Finished((uri(world.render(job_id)),)))
    world.poll(job_id)
    assert world.state(job_id) == "settling"
    assert world.told("/tasks/settle")[0].job_id == job_id
    world.settle(job_id)
    assert (world.state(job_id), world.balance(job_id)) == ("succeeded", captured(CLIP))


def test_a_partial_block_keeps_the_siblings_and_pays_for_them_alone(world: World) -> None:
    job_id = world.submitted(world.a_video(samples=4))
    names = [world.render(job_id, sample=number) for number in (0, 2, 3)]
    world.veo.says(Finished(tuple(map(uri, names)), blocked=block_of(SafetyCategory.VIDEO_SAFETY)))
    world.poll(job_id)
    world.settle(job_id)
    assert world.state(job_id) == "succeeded"
    assert [take.sample for take in world.takes(job_id)] == [0, 2, 3]
    assert world.balance(job_id) == captured(3 * CLIP)


def test_done_without_a_video_is_a_block_and_not_a_success(world: World) -> None:
    """The driver reads such an answer as a refusal without a code."""
    node_id = world.a_video(seed=7)
    job_id = world.submitted(node_id)
    world.veo.says(Blocked(parse_reasons([])))
    world.poll(job_id)
    assert (world.state(job_id), world.job(job_id).category, world.balance(job_id)) == ("blocked", "other", Balance())
    assert (world.node(node_id).state, world.takes(job_id)) == ("blocked", [])


def test_a_block_that_may_pass_is_tried_twice_more_and_not_a_third_time(world: World) -> None:
    job_id = world.submitted(world.a_video())
    for tries in range(1, cadence.SAFETY_RETRIES + 1):
        world.veo.says(Blocked(block_of(SafetyCategory.VIDEO_SAFETY)))
        world.poll(job_id)
        job = world.job(job_id)
        assert (job.state, job.safety_retries, job.operation_name) == ("queued", tries, None)
        assert world.balance(job_id) == reserved(CLIP)
        world.deliver_due()
        assert world.state(job_id) == "polling"
    world.veo.says(Blocked(block_of(SafetyCategory.VIDEO_SAFETY)))
    world.poll(job_id)
    assert (world.state(job_id), world.balance(job_id)) == ("blocked", Balance())
    assert len(world.veo.submits) == len({submit.output_prefix for submit in world.veo.submits}) == 3


def test_a_block_whose_second_try_passes_is_paid_once(world: World) -> None:
    job_id = world.submitted(world.a_video())
    world.veo.says(Blocked(block_of(SafetyCategory.VULGAR)))
    world.poll(job_id)
    world.deliver_due()
    world.finish(job_id)
    assert (world.state(job_id), world.balance(job_id)) == ("succeeded", captured(CLIP))


@pytest.mark.parametrize("category", sorted(NEVER_RETRIED))
def test_child_celebrity_and_prohibited_are_never_tried_again(world: World, category: SafetyCategory) -> None:
    job_id = world.submitted(world.a_video())
    world.veo.says(Blocked(block_of(category)))
    world.poll(job_id)
    job = world.job(job_id)
    assert (job.state, job.category, job.can_retry) == ("blocked", category, False)
    assert world.balance(job_id) == Balance()


def test_with_a_seed_that_a_person_fixed_a_block_is_not_tried_again(world: World) -> None:
    job_id = world.submitted(world.a_video(seed=0))
    world.veo.says(Blocked(block_of(SafetyCategory.VIDEO_SAFETY)))
    world.poll(job_id)
    assert (world.state(job_id), len(world.veo.submits)) == ("blocked", 1)


def test_a_failed_operation_gives_the_money_back(world: World) -> None:
    job_id = world.submitted(world.a_video())
    world.veo.says(Failed(13, "Internal error.", "Run it again."))
    world.poll(job_id)
    job = world.job(job_id)
    assert (job.state, job.cause, job.can_retry) == ("failed", "provider_error_13", True)
    assert world.balance(job_id) == Balance()


@pytest.mark.parametrize(
    "silence",
    [Pending(), Unreachable("no answer"), RuntimeError("the driver broke"), Finished(("gs://elsewhere/video.mp4",))],
    ids=["pending", "unreachable", "driver breaks", "outputs elsewhere"],
)
def test_an_operation_that_never_ends_times_out_with_the_money_uncertain(world: World, silence: PollOutcome | Exception) -> None:
    job_id = world.submitted(world.a_video())
    world.veo.says(*[silence] * 3)
    world.poll(job_id)
    world.clock.now += PROVIDER_DEADLINE - cadence.POLL_INTERVAL
    world.poll(job_id)
    assert world.state(job_id) == "polling"

    world.poll(job_id)
    job = world.job(job_id)
    assert (job.state, job.cause, job.can_retry) == ("failed", "timed_out", True)
    assert world.balance(job_id) == uncertain(CLIP)
    assert job.submitted_at is not None
    assert world.clock.now - job.submitted_at <= PROVIDER_DEADLINE + cadence.LATE_POLL_INTERVAL
    assert len(world.veo.submits) == 1


@pytest.mark.parametrize("samples", [1, 2])
def test_what_lies_in_the_bucket_at_the_deadline_is_adopted(world: World, samples: int) -> None:
    job_id = world.submitted(world.a_video(samples=samples))
    name = world.render(job_id)
    if samples > 1:
        world.finalized(name)  # with several samples the event only hastens the poll
    world.clock.now += PROVIDER_DEADLINE + timedelta(seconds=1)
    world.veo.says(Unreachable("no answer"))
    poll.poll(world.tools, job_id)
    world.settle(job_id)
    assert (world.state(job_id), len(world.takes(job_id)), world.balance(job_id)) == ("succeeded", 1, captured(CLIP))


def test_with_several_samples_a_finalized_object_has_the_operation_asked_now_and_twice_more(world: World) -> None:
    job_id = world.submitted(world.a_video(samples=2))
    world.forget_told()
    name = world.render(job_id)
    world.finalized(name)
    now = world.clock.now
    assert world.state(job_id) == "polling"
    assert [task.at for task in world.told("/tasks/poll-now")] == [now, now + timedelta(seconds=2), now + timedelta(seconds=4)]

    world.deliver_due()  # still rendering the second
    world.clock.tick(seconds=2)
    world.veo.says(Finished((uri(name), uri(world.render(job_id, sample=1)))))
    world.deliver_due()
    assert world.state(job_id) == "succeeded"
    assert [take.sample for take in world.takes(job_id)] == [0, 1]
    assert world.balance(job_id) == captured(2 * CLIP)


def test_one_sample_is_settled_from_its_object_without_asking_the_provider(world: World) -> None:
    job_id = world.submitted(world.a_video())
    world.finalized(world.render(job_id))
    world.deliver_due()
    assert (world.state(job_id), world.veo.polled) == ("succeeded", [])


def test_the_event_may_come_before_the_reply_that_names_the_operation(world: World) -> None:
    job_id = world.first_job(world.run(world.a_video()))
    world.veo.while_submitting = lambda submit: world.finalized(world.render(job_id))
    world.submit(job_id)
    assert world.state(job_id) == "settling"
    assert world.attempts(job_id)[0].outcome == "accepted"
    world.settle(job_id)
    assert (world.state(job_id), len(world.takes(job_id)), world.balance(job_id)) == ("succeeded", 1, captured(CLIP))


def test_an_object_event_and_a_poll_that_race_make_one_take_and_one_capture(world: World) -> None:
    jobs: list[UUID] = []
    for number in range(4):
        jobs.append(world.submitted(world.a_video(prompt=f"Shot {number}")))
    world.clock.now += cadence.POLL_INTERVAL

    for job_id in jobs:
        name = world.render(job_id)
        both_are_here = Event()

        def ask(job_id: UUID = job_id, name: str = name, go: Event = both_are_here) -> None:
            world.veo.says(Finished((uri(name),)))
            world.veo.while_polling = lambda _: go.wait(WAIT_SECONDS)
            poll.poll(world.tools, job_id)
            world.settle(job_id)

        def tell(job_id: UUID = job_id, name: str = name, go: Event = both_are_here) -> None:
            go.set()
            world.finalized(name)
            world.settle(job_id)

        with ThreadPoolExecutor(2) as pool:
            for worker in [pool.submit(ask), pool.submit(tell)]:
                worker.result(WAIT_SECONDS)
        world.settle(job_id)
        assert world.state(job_id) == "succeeded"
        assert len(world.takes(job_id)) == 1
        assert world.balance(job_id) == captured(CLIP)
        assert world.transitions(job_id).count("object_finalized") == world.transitions(job_id).count("settled") == 1
