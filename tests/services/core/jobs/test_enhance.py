"""Prompt enhancement: the result stands beside the person's own words, one call for one press, and an end for every call."""

from uuid import UUID

import pytest

from services.core.budgets.ledger import Balance
from services.core.jobs import cadence
from services.core.jobs.enhance import start_enhancement
from services.core.jobs.model import Job
from services.core.kit.errors import Invalid, LimitReached
from services.core.prompts.enhancement import Answered, EnhancementRequest
from services.core.video.catalogue import PROMPT_MODEL
from services.core.video.outcomes import BlockedAtSubmit, NotSent, Rejected, Unknown
from services.core.video.safety import SafetyCategory, block_of
from tests.services.core.jobs.fakes import Killed, an_enhancement
from tests.services.core.jobs.world import World, captured, reserved, uncertain

PRICE = PROMPT_MODEL.ceiling_microusd


def enhance(world: World, node_id: UUID) -> Job:
    with world.database.unit_of_work() as session:
        return start_enhancement(session, project_id=world.project_id, node_id=node_id, user_id=world.user_id, now=world.clock.now)


def test_the_result_stands_beside_the_text_and_is_chosen(world: World) -> None:
    node_id = world.a_node("prompt", text="A fox")
    job = enhance(world, node_id)
    assert (job.state, world.balance(job.id), world.node(node_id).state) == ("queued", reserved(PRICE), "queued")
    world.deliver_due()

    config = world.node(node_id).config
    assert (config["text"], config["use"]) == ("A fox", "enhanced")
    assert config["enhanced"] == {
        "of_text": "A fox",
        "enhanced_prompt": "A fox, at dusk, 35 mm",
        "negative_prompt": "blur",
        "shot_notes": ["dusk", "35 mm"],
    }
    assert (world.state(job.id), world.balance(job.id), world.node(node_id).state) == ("succeeded", captured(PRICE), "succeeded")
    assert world.events("node.updated") == ["node.updated"]


def test_text_that_was_edited_meanwhile_stays_chosen(world: World) -> None:
    node_id = world.a_node("prompt", text="A fox")
    world.gemini.while_calling = lambda request: world.configure(node_id, text="A bear")
    enhance(world, node_id)
    world.deliver_due()
    config = world.node(node_id).config
    assert (config["text"], config["use"], config["enhanced"]["of_text"]) == ("A bear", "text", "A fox")


def test_pressing_twice_asks_once(world: World) -> None:
    node_id = world.a_node("prompt", text="A fox")
    assert enhance(world, node_id).id == enhance(world, node_id).id
    world.deliver_due()
    job_id = world.jobs()[0].id
    world.submit(job_id)
    assert (len(world.gemini.calls), world.balance(job_id)) == (1, captured(PRICE))
    assert world.gemini.calls == [EnhancementRequest(idea="A fox")]


def test_a_refused_idea_is_blocked_with_the_money_back(world: World) -> None:
    node_id = world.a_node("prompt", text="A fox")
    world.gemini.answers(BlockedAtSubmit(block_of(SafetyCategory.PROHIBITED)))
    job = enhance(world, node_id)
    world.deliver_due()
    assert (world.state(job.id), world.balance(job.id)) == ("blocked", Balance())
    assert world.node(node_id).config["enhanced"] is None


def test_an_answer_that_cannot_be_read_fails(world: World) -> None:
    world.gemini.answers(Rejected("answer_unreadable", "It could not be used.", "Enhance again.", "request"))
    job = enhance(world, world.a_node("prompt", text="A fox"))
    world.deliver_due()
    assert (world.state(job.id), world.job(job.id).cause) == ("failed", "rejected_answer_unreadable")


@pytest.mark.parametrize("how", ["no answer", "worker killed"])
def test_a_lost_call_fails_with_a_retry(world: World, how: str) -> None:
    node_id = world.a_node("prompt", text="A fox")
    job = enhance(world, node_id)
    if how == "no answer":
        world.gemini.answers(Unknown("timeout"))
        world.deliver_due()
    else:
        world.gemini.answers(Killed())
        with pytest.raises(Killed):
            world.submit(job.id)
    world.clock.now += cadence.SUBMIT_LEASE
    world.check(job.id)

    lost = world.job(job.id)
    assert (lost.state, lost.cause, lost.can_retry) == ("failed", "submission_lost", True)
    assert (world.balance(job.id), world.node(node_id).state) == (uncertain(PRICE), "failed")
    again = world.retry(job.id)
    world.deliver_due()
    assert (world.state(again.id), world.node(node_id).state, world.node(node_id).config["use"]) == ("succeeded", "succeeded", "enhanced")


def test_the_money_of_a_lost_call_is_given_back_after_a_day(world: World) -> None:
    job = enhance(world, world.a_node("prompt", text="A fox"))
    world.gemini.answers(Unknown("timeout"))
    world.deliver_due()
    world.clock.now += cadence.SUBMIT_LEASE
    world.check(job.id)

    for hours, balance in ((23, uncertain(PRICE)), (2, Balance())):
        world.clock.tick(hours=hours)
        world.sweep()
        world.deliver_due()
        assert (world.state(job.id), world.balance(job.id)) == ("failed", balance)
    assert world.job(job.id).next_check_at is None
    assert world.events("job.")[-1] == "job.money_released"


def test_an_answer_that_comes_after_the_call_was_given_up_is_used_since_it_is_billed(world: World) -> None:
    node_id = world.a_node("prompt", text="A fox")
    job = enhance(world, node_id)

    def dawdle(_: EnhancementRequest) -> None:
        world.clock.now += cadence.SUBMIT_LEASE
        world.check(job.id)
        assert world.state(job.id) == "failed"

    world.gemini.while_calling = dawdle
    world.submit(job.id)
    assert (world.state(job.id), world.balance(job.id)) == ("succeeded", captured(PRICE))
    assert world.node(node_id).config["use"] == "enhanced"


def test_out_of_quota_comes_back_after_its_delay(world: World) -> None:
    world.gemini.answers(NotSent("quota", 3.0))
    job = enhance(world, world.a_node("prompt", text="A fox"))
    world.deliver_due()
    assert world.state(job.id) == "queued"
    world.wait_for_turn(job.id)
    world.deliver_due()
    assert (world.state(job.id), len(world.gemini.calls)) == ("succeeded", 2)


def test_a_node_that_was_enhanced_after_a_failure_shows_the_success(world: World) -> None:
    node_id = world.a_node("prompt", text="A fox")
    world.gemini.answers(Rejected("answer_unreadable", "It could not be used.", "Enhance again.", "request"))
    enhance(world, node_id)
    world.deliver_due()
    assert world.node(node_id).state == "failed"
    world.clock.tick(seconds=1)
    enhance(world, node_id)
    world.deliver_due()
    assert world.node(node_id).state == "succeeded"


def test_an_enhancement_stays_within_the_spending_limit(world: World) -> None:
    node_id = world.a_node("prompt", text="A fox")
    world.set_limit(PRICE - 1)
    with pytest.raises(LimitReached):
        enhance(world, node_id)
    assert (world.jobs(), world.project_balance()) == ([], Balance())


def test_there_must_be_a_text_to_enhance(world: World) -> None:
    for node_id in (world.a_node("prompt", text="  "), world.a_video()):
        with pytest.raises(Invalid):
            enhance(world, node_id)


def test_a_second_enhancement_of_another_text_runs_beside_the_first(world: World) -> None:
    node_id = world.a_node("prompt", text="A fox")
    first = enhance(world, node_id)
    world.configure(node_id, text="A bear")
    second = enhance(world, node_id)
    assert first.id != second.id
    world.gemini.answers(Answered(an_enhancement("A bear")))
    world.submit(second.id)
    assert world.node(node_id).state == "queued"
    world.submit(first.id)
    assert world.node(node_id).state == "succeeded"
