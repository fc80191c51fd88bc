"""The submit step: one intent, one call, and a meaning for every outcome."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest

from services.core.budgets.ledger import Balance
from services.core.jobs import cadence
from services.core.video.outcomes import Accepted, BlockedAtSubmit, NotSent, Rejected, Unknown
from services.core.video.safety import SafetyCategory, block_of
from tests.services.core.jobs.fakes import Killed, Submit
from tests.services.core.jobs.world import CLIP, World, reserved

WAIT_SECONDS = 20


def test_an_accepted_submit_is_polled_when_the_first_poll_is_due(world: World) -> None:
    world.veo.answers(Accepted("operations/7"))

    job_id = world.submitted(world.a_video())

    job = world.job(job_id)
    assert (job.state, job.operation_name, job.attempts) == ("polling", "operations/7", 1)
    assert job.next_check_at == world.clock.now + cadence.POLL_INTERVAL
    assert [(task.job_id, task.at) for task in world.told("/tasks/poll")] == [(job_id, job.next_check_at)]
    assert world.balance(job_id) == reserved(CLIP)


def test_the_intent_is_committed_before_the_provider_is_called(world: World) -> None:
    seen = []

    def look(submit: Submit) -> None:
        job = world.jobs()[0]
        seen.append((job.state, [attempt.id for attempt in world.attempts(job.id)], job.lease_until))

    world.veo.while_submitting = look
    job_id = world.submitted(world.a_video())

    [(state, attempt_ids, lease_until)] = seen
    assert (state, lease_until) == ("submitted", world.clock.now + cadence.SUBMIT_LEASE)
    assert world.veo.submits[0].output_prefix == f"gs://test-renders/{job_id}/{attempt_ids[0]}/"
    assert world.veo.submits[0].labels == {"reelgraph-job": str(job_id), "reelgraph-attempt": str(attempt_ids[0])}


def test_what_is_sent_is_what_was_frozen_when_the_run_began(world: World) -> None:
    node_id = world.a_video(prompt="A fox")
    job_id = world.first_job(world.run(node_id))
    world.configure(node_id, prompt="A bear", duration_seconds=4)

    world.submit(job_id)

    assert (world.veo.submits[0].request.prompt, world.veo.submits[0].request.duration_seconds) == ("A fox", 8)


def test_redelivered_submit_does_not_call_the_provider_twice(world: World) -> None:
    job_id = world.submitted(world.a_video())
    for _ in range(3):
        world.submit(job_id)
    assert len(world.veo.submits) == len(world.attempts(job_id)) == 1


def test_a_submit_that_is_delivered_to_two_workers_at_once_calls_the_provider_once(world: World) -> None:
    job_id = world.first_job(world.run(world.a_video()))
    second_is_through = Event()
    world.veo.while_submitting = lambda submit: second_is_through.wait(WAIT_SECONDS)

    def second() -> None:
        world.submit(job_id)
        second_is_through.set()

    with ThreadPoolExecutor(4) as pool:
        workers = [pool.submit(second) for _ in range(4)]
        for worker in workers:
            worker.result(WAIT_SECONDS)

    assert len(world.veo.submits) == len(world.attempts(job_id)) == 1
    assert world.state(job_id) == "polling"


def test_a_job_that_was_not_admitted_is_not_sent(world: World) -> None:
    node_ids = [world.a_video(prompt=f"Shot {number}") for number in range(11)]
    jobs = [world.first_job(world.run(node_id)) for node_id in node_ids]
    world.submit(jobs[10])
    assert world.state(jobs[10]) == "queued" and not world.veo.submits


@pytest.mark.parametrize(("told", "delay"), [(7.0, timedelta(seconds=7)), (None, timedelta(seconds=5)), (0.0, timedelta(seconds=2))])
def test_a_submit_that_was_surely_not_sent_comes_back_after_its_delay(world: World, told: float | None, delay: timedelta) -> None:
    world.veo.answers(NotSent("quota", told))
    job_id = world.submitted(world.a_video())

    job = world.job(job_id)
    assert (job.state, job.admitted_at) == ("queued", None)
    again = job.next_check_at
    assert again == world.clock.now + cadence.not_sent_delay(job_id, 1, told)
    assert world.clock.now + delay <= again < world.clock.now + delay * 1.5
    assert world.balance(job_id) == reserved(CLIP)
    assert [task.at for task in world.told("/tasks/admit")] == [again]
    assert world.admit() == 0

    world.forget_told()
    world.clock.now = again
    assert world.admit() == 1
    world.deliver_due()
    assert world.state(job_id) == "polling"
    assert [attempt.outcome for attempt in world.attempts(job_id)] == ["not_sent", "accepted"]
    assert len({attempt.output_prefix for attempt in world.attempts(job_id)}) == 2


def test_a_task_that_comes_a_moment_early_still_admits_what_was_put_off(world: World) -> None:
    world.veo.answers(NotSent("quota", 30.0))
    job_id = world.submitted(world.a_video())
    world.wait_for_turn(job_id)
    world.clock.tick(seconds=-0.4)
    assert world.admit() == 1
    assert world.job(job_id).admitted_at == world.clock.now


def test_a_provider_that_never_takes_it_fails_the_job_after_hours_with_the_money_back(world: World) -> None:
    job_id = world.first_job(world.run(world.a_video()))
    started = world.clock.now
    for _ in range(20):
        world.veo.answers(NotSent("refused", retry_after_seconds=1800.0))
        world.deliver_due()
        if world.state(job_id) != "queued":
            break
        world.clock.now = world.job(job_id).next_check_at or world.clock.now

    job = world.job(job_id)
    assert (job.state, job.cause, job.can_retry) == ("failed", "not_sent_refused", True)
    assert cadence.UNSENT_PATIENCE <= world.clock.now - started <= cadence.UNSENT_PATIENCE + timedelta(minutes=30)
    assert world.balance(job_id) == Balance()


def test_a_rejected_request_fails_with_the_provider_s_words_and_the_money_back(world: World) -> None:
    world.veo.answers(Rejected("invalid_argument", "The prompt is too long.", "Shorten it.", "request"))
    job_id = world.submitted(world.a_video())
    job = world.job(job_id)
    assert (job.state, job.cause, job.category) == ("failed", "rejected_invalid_argument", "request")
    assert (job.message, job.advice, job.can_retry) == ("The prompt is too long.", "Shorten it.", False)
    assert world.balance(job_id) == Balance()
    assert world.attempts(job_id)[0].outcome == "rejected"


def test_a_prompt_that_the_filter_refuses_at_once_is_blocked_with_the_money_back(world: World) -> None:
    world.veo.answers(BlockedAtSubmit(block_of(SafetyCategory.VIOLENCE)))
    job_id = world.submitted(world.a_video())
    job = world.job(job_id)
    assert (job.state, job.cause, job.category, job.can_retry) == ("blocked", "safety_filter", "violence", True)
    assert world.balance(job_id) == Balance()
    assert len(world.veo.submits) == 1


def test_a_submit_whose_outcome_is_unknown_is_looked_for_and_never_sent_again(world: World) -> None:
    world.veo.answers(Unknown("timeout"))
    job_id = world.submitted(world.a_video())

    job = world.job(job_id)
    assert (job.state, job.next_check_at) == ("submitted", world.clock.now + cadence.RECOVERY_INTERVAL)
    assert [(task.job_id, task.at) for task in world.told("/tasks/check")] == [(job_id, job.next_check_at)]
    assert world.attempts(job_id)[0].outcome == "unknown"
    assert world.balance(job_id) == reserved(CLIP)
    world.submit(job_id)
    world.sweep()
    world.deliver_due()
    assert len(world.veo.submits) == 1


def test_an_unknown_outcome_that_comes_after_the_output_does_not_disturb_who_settles_it(world: World) -> None:
    job_id = world.first_job(world.run(world.a_video()))
    world.veo.answers(Unknown("timeout"))
    world.veo.while_submitting = lambda submit: world.finish(job_id)
    world.submit(job_id)

    job = world.job(job_id)
    assert (job.state, job.lease_until) == ("succeeded", None)
    assert not world.told("/tasks/check")
    assert len(world.takes()) == 1


@pytest.mark.parametrize("dies", ["in the call", "with the reply in hand"])
def test_a_worker_that_dies_with_the_submit_under_way_leaves_the_intent_to_be_found(world: World, dies: str) -> None:
    job_id = world.first_job(world.run(world.a_video()))
    if dies == "in the call":
        world.veo.answers(Killed())
    else:
        world.veo.while_submitting = lambda submit: world.mortality.dies_at(1)
    with pytest.raises(Killed):
        world.submit(job_id)
    world.submit(job_id)

    job = world.job(job_id)
    assert (job.state, job.lease_until) == ("submitted", world.clock.now + cadence.SUBMIT_LEASE)
    assert len(world.veo.submits) == 1
    assert world.attempts(job_id)[0].outcome is None


def test_a_redelivered_task_has_the_call_of_a_dead_worker_looked_for_at_once_and_not_made_again(world: World) -> None:
    job_id = world.first_job(world.run(world.a_video()))
    world.veo.answers(Killed())
    with pytest.raises(Killed):
        world.submit(job_id)
    world.render(job_id)
    world.forget_told()

    world.submit(job_id, is_redelivery=True)
    world.deliver_due()
    assert (world.state(job_id), len(world.takes(job_id)), len(world.veo.submits)) == ("succeeded", 1, 1)


def test_a_redelivery_while_the_first_worker_is_still_in_the_call_does_no_harm(world: World) -> None:
    job_id = world.first_job(world.run(world.a_video()))

    def redeliver(_: Submit) -> None:
        world.submit(job_id, is_redelivery=True)
        world.check(job_id)

    world.veo.while_submitting = redeliver
    world.submit(job_id)
    assert (world.state(job_id), len(world.veo.submits)) == ("polling", 1)


def test_a_driver_that_raises_counts_as_a_submit_of_unknown_outcome(world: World) -> None:
    job_id = world.first_job(world.run(world.a_video()))
    world.veo.answers(ValueError("a reply that nobody foresaw"))
    with pytest.raises(ValueError, match="nobody foresaw"):
        world.submit(job_id)
    assert world.state(job_id) == "submitted"


@pytest.mark.parametrize(
    "before_the_task",
    [
        lambda world, job_id: world.cancel(job_id),
        lambda world, job_id: world.submit(job_id),
        lambda world, job_id: (world.submit(job_id), world.finish(job_id)),
    ],
    ids=["cancelled", "submitted", "succeeded"],
)
def test_a_late_submit_task_finds_another_state_and_does_nothing(world: World, before_the_task: Callable[[World, object], object]) -> None:
    job_id = world.first_job(world.run(world.a_video()))
    before_the_task(world, job_id)
    version, calls = world.job(job_id).version, len(world.veo.submits)
    world.submit(job_id)
    assert (world.job(job_id).version, len(world.veo.submits)) == (version, calls)
