"""Cancelling: at once where nothing was sent, by a flag that the next step honours where something was."""

import pytest

from services.core.budgets.ledger import Balance
from services.core.jobs import cadence, poll
from services.core.video.outcomes import Blocked, Failed, Finished, NotSent, Unknown, Unreachable
from services.core.video.safety import SafetyCategory, block_of
from tests.services.core.jobs.fakes import Killed
from tests.services.core.jobs.world import CLIP, World, captured, uncertain


def test_a_queued_job_is_cancelled_at_once_with_the_money_back(world: World) -> None:
    node_id = world.a_video()
    job_id = world.first_job(world.run(node_id))
    world.cancel(job_id)
    assert (world.state(job_id), world.job(job_id).cause, world.balance(job_id)) == ("cancelled", "cancelled", Balance())
    assert world.node(node_id).state == "cancelled"
    world.deliver_due()
    assert not world.veo.submits


def test_a_waiting_job_is_cancelled_at_once_with_all_that_waits_for_it(world: World) -> None:
    first, second, third = world.job_ids(world.run(world.a_video(hops=2)))
    world.cancel(second)
    assert [world.state(job_id) for job_id in (first, second, third)] == ["queued", "cancelled", "cancelled"]
    assert world.balance(second) == world.balance(third) == Balance()


def test_while_the_call_is_under_way_a_cancel_waits_for_the_reply(world: World) -> None:
    job_id = world.first_job(world.run(world.a_video()))
    world.veo.while_submitting = lambda submit: world.cancel(job_id)
    world.submit(job_id)
    assert world.state(job_id) == "polling"
    world.poll(job_id)
    assert (world.state(job_id), world.balance(job_id)) == ("cancelled", uncertain(CLIP))


def test_a_cancel_is_honoured_where_the_call_turns_out_not_to_have_been_sent(world: World) -> None:
    job_id = world.first_job(world.run(world.a_video()))
    world.veo.answers(NotSent("quota", 60.0))
    world.veo.while_submitting = lambda submit: world.cancel(job_id)
    world.submit(job_id)
    assert (world.state(job_id), world.balance(job_id)) == ("cancelled", Balance())


def test_a_cancel_of_a_submit_of_unknown_outcome_holds_the_money(world: World) -> None:
    job_id = world.first_job(world.run(world.a_video()))
    world.veo.answers(Unknown("timeout"))
    world.veo.while_submitting = lambda submit: world.cancel(job_id)
    world.submit(job_id)
    world.clock.now += cadence.RECOVERY_INTERVAL
    world.check(job_id)
    assert (world.state(job_id), world.balance(job_id)) == ("cancelled", uncertain(CLIP))


def test_a_cancelled_submit_whose_worker_died_keeps_the_outputs_that_exist(world: World) -> None:
    job_id = world.first_job(world.run(world.a_video(samples=2)))
    world.veo.answers(Killed())
    with pytest.raises(Killed):
        world.submit(job_id)
    world.finalized(world.render(job_id))
    world.cancel(job_id)
    world.clock.now += cadence.SUBMIT_LEASE
    world.check(job_id)
    world.settle(job_id)
    assert (world.state(job_id), len(world.takes(job_id)), world.balance(job_id)) == ("succeeded", 1, captured(CLIP))


def test_a_polling_job_is_asked_about_at_once_and_then_cancelled_with_the_money_held(world: World) -> None:
    job_id = world.submitted(world.a_video())
    world.cancel(job_id)
    assert world.state(job_id) == "polling"
    world.deliver_due()
    assert (world.state(job_id), world.balance(job_id)) == ("cancelled", uncertain(CLIP))
    assert world.job(job_id).message == "Cancelled while the provider was at work; it may still bill for it."


def test_a_cancelled_job_that_is_finished_already_keeps_what_was_paid(world: World) -> None:
    job_id = world.submitted(world.a_video())
    world.cancel(job_id)
    world.veo.says(Finished((f"gs://test-renders/{world.render(job_id)}",)))
    world.deliver_due()
    assert (world.state(job_id), world.balance(job_id)) == ("succeeded", captured(CLIP))


@pytest.mark.parametrize(
    ("said", "state"),
    [(Blocked(block_of(SafetyCategory.VIDEO_SAFETY)), "blocked"), (Failed(13, "Internal error.", "Run it again."), "failed")],
)
def test_a_cancelled_job_that_the_provider_ended_costs_nothing_and_is_not_tried_again(
    world: World, said: Blocked | Failed, state: str
) -> None:
    job_id = world.submitted(world.a_video())
    world.cancel(job_id)
    world.veo.says(said)
    world.deliver_due()
    assert (world.state(job_id), world.balance(job_id), len(world.veo.submits)) == (state, Balance(), 1)


def test_a_cancelled_job_of_several_samples_keeps_those_that_exist(world: World) -> None:
    job_id = world.submitted(world.a_video(samples=3))
    world.finalized(world.render(job_id, sample=1))
    world.cancel(job_id)
    world.veo.says(Unreachable("no answer"))
    poll.poll_now(world.tools, job_id)
    world.settle(job_id)
    assert (world.state(job_id), [take.sample for take in world.takes(job_id)]) == ("succeeded", [1])
    assert world.balance(job_id) == captured(CLIP)


@pytest.mark.parametrize("settled", [False, True])
def test_a_job_that_is_being_settled_or_over_is_not_cancelled(world: World, settled: bool) -> None:
    job_id = world.submitted(world.a_video())
    world.finalized(world.render(job_id))
    if settled:
        world.settle(job_id)
    version = world.job(job_id).version
    world.cancel(job_id)
    assert (world.job(job_id).version, world.job(job_id).cancel_requested_at) == (version, None)


def test_cancelling_twice_is_cancelling_once(world: World) -> None:
    job_id = world.submitted(world.a_video())
    for _ in range(3):
        world.cancel(job_id)
    assert len(world.told("/tasks/poll-now")) == 1
    world.deliver_due()
    world.cancel(job_id)
    assert world.transitions(job_id).count("cancel_requested") == 1
