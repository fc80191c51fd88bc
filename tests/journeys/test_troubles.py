"""The provider refuses, fails, has no room or goes silent: people learn why and what to do, and pay for nothing that was not made."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from infra.local.supervisor.stack import LocalStack
from tests.journeys.support import SHORT, SMALL, Studio, a_stack, eventually

CELEBRITY = "15236754"
POLL_SECONDS = 10
"""What makes no object is shown at the next poll."""


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    """A stack without emulators."""
    with a_stack(only=SMALL) as stack:
        yield stack


@pytest.fixture
def studio(stack: LocalStack) -> Studio:
    """A new person's empty project."""
    return Studio.open(stack)


def test_a_blocked_prompt_ends_with_advice_by_itself_and_costs_nothing(studio: Studio) -> None:
    node_id = studio.add_video(f"Somebody famous [simulate:blocked:{CELEBRITY}]")

    job = studio.wait_for_state(studio.start(node_id), "blocked", "failed", "succeeded")

    # The provider was done at once, so the first look at it showed the block: the next would be as much later.
    assert (datetime.fromisoformat(job["finished_at"]) - datetime.fromisoformat(job["submitted_at"])).total_seconds() < 2 * POLL_SECONDS
    assert (job["state"], job["cause"], job["category"], job["can_retry"]) == ("blocked", "safety_filter", "celebrity", False)
    assert (job["attempts"], job["polls"]) == (1, 1)
    node = studio.person.node(studio.project_id, node_id)
    assert (node["state"], node["status"]["cause"]) == ("blocked", "safety_filter")
    assert "known person" in node["status"]["message"]
    assert "another face" in node["status"]["advice"]
    assert (studio.money(), studio.takes(node_id)) == ((0, 0, 0), [])


def test_done_without_videos_and_reasons_is_a_block_not_a_success(studio: Studio) -> None:
    # With a fixed seed the same would come of a second try, so there is none.
    node_id = studio.add_video("Nothing comes of it [simulate:empty]", seed=7)
    job_id = studio.start(node_id)

    studio.poll_when_done(job_id)

    job = studio.wait_for_state(job_id, "blocked", "failed", "succeeded")
    assert (job["state"], job["category"], job["attempts"]) == ("blocked", "other", 1)
    assert (studio.money(), studio.takes(node_id)) == ((0, 0, 0), [])


def test_what_the_filter_may_let_pass_is_tried_again_by_itself(studio: Studio) -> None:
    node_id = studio.add_video("A fox on thin ice")
    studio.simulator.tell("blocked")
    job_id = studio.start(node_id)

    studio.poll_when_done(job_id)

    job = studio.wait_for_state(job_id, "succeeded", "blocked", "failed")
    assert (job["state"], job["attempts"]) == ("succeeded", 2)
    assert [row["status"] for row in studio.simulator.journal(job_id)] == ["blocked", "billed"]
    assert (studio.money(), len(studio.takes(node_id))) == ((SHORT, 0, 0), 1)


def test_after_an_error_of_the_provider_retry_makes_the_video(studio: Studio) -> None:
    node_id = studio.add_video("Second time lucky")
    studio.simulator.tell("operation_error:13")
    job_id = studio.start(node_id)

    studio.poll_when_done(job_id)

    failed = studio.wait_for_state(job_id, "failed", "succeeded", "blocked")
    assert (failed["state"], failed["cause"], failed["can_retry"]) == ("failed", "provider_error_13", True)
    assert failed["message"] and failed["advice"]
    assert studio.money() == (0, 0, 0)

    retried = studio.person.retry(job_id)
    assert studio.wait_for_state(retried["id"], "succeeded", "failed", "blocked")["state"] == "succeeded"
    assert studio.person.job(job_id)["state"] == "failed"
    assert studio.person.node(studio.project_id, node_id)["state"] == "succeeded"
    assert (studio.money(), len(studio.takes(node_id))) == ((SHORT, 0, 0), 1)


def test_without_quota_a_job_comes_back_when_it_was_told_to(studio: Studio) -> None:
    node_id = studio.add_video("Rush hour")
    studio.simulator.tell("quota:1")
    job_id = studio.start(node_id)

    job = studio.wait_for_state(job_id, "succeeded", "failed", "blocked")

    assert (job["state"], job["attempts"]) == ("succeeded", 2)
    assert (len(studio.simulator.journal(job_id)), studio.money()) == (1, (SHORT, 0, 0))


@pytest.mark.parametrize("word", ["lost_reply", "unavailable:started"])
def test_a_video_whose_reply_was_lost_is_adopted_without_a_second_submit(studio: Studio, word: str) -> None:
    node_id = studio.add_video(f"Lost and found: {word}")
    studio.simulator.tell(word)
    submits = studio.simulator.submits()

    job = studio.wait_for_state(studio.start(node_id), "succeeded", "failed", "blocked")

    assert (job["state"], job["attempts"]) == ("succeeded", 1)
    assert studio.simulator.submits() == submits + 1
    assert (len(studio.simulator.journal(job["id"])), len(studio.takes(node_id)), studio.money()) == (1, 1, (SHORT, 0, 0))


def test_a_video_that_arrives_after_it_was_cancelled_is_kept_and_paid(studio: Studio) -> None:
    node_id = studio.add_video("Too late to stop")
    studio.simulator.tell("hold")
    job_id = studio.start(node_id)
    studio.wait_for_state(job_id, "polling")

    # Cancelled while it is rendered: it ends at once, and the money is set aside, for it may be billed.
    assert studio.person.cancel(job_id)["cancel_requested"]
    cancelled = studio.wait_for_state(job_id, "cancelled", seconds=2 * POLL_SECONDS)
    assert "may still bill" in cancelled["message"]
    assert studio.person.node(studio.project_id, node_id)["state"] == "cancelled"
    assert (studio.money(), studio.takes(node_id)) == ((0, 0, SHORT), [])

    # The video arrives all the same: it was paid for, so it becomes a take.
    studio.simulator.release()
    (take,) = eventually(lambda: studio.takes(node_id), "the late video")
    assert studio.wait_for_state(job_id, "succeeded")["attempts"] == 1
    assert (take["job_id"], studio.money()) == (job_id, (SHORT, 0, 0))


def test_cancelling_before_anything_was_sent_is_free(studio: Studio) -> None:
    opening, sequel = studio.add_video("Held back"), studio.add_video("Never made")
    studio.connect(opening, "video", sequel, "video")
    studio.simulator.tell("hold")
    run = studio.person.run(studio.project_id)
    first_id, second_id = (step["job_id"] for step in run["steps"])
    studio.wait_for_state(first_id, "polling")

    cancelled = studio.person.cancel(second_id)

    assert (cancelled["state"], "nothing was paid" in cancelled["message"]) == ("cancelled", True)
    studio.simulator.release()
    assert studio.wait_for_state(first_id, "succeeded", "failed")["state"] == "succeeded"
    assert studio.person.wait_for_run(studio.project_id, run["id"])["state"] == "cancelled"
    assert (studio.money(), studio.simulator.journal(second_id)) == ((SHORT, 0, 0), [])
