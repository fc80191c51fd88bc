"""Nobody knows whether a submit arrived: what exists is found, what does not is given up, and nothing is sent twice by itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from infra.local.supervisor.stack import LocalStack
from tests.chaos.support import check_made_once, frozen
from tests.journeys.support import SHORT, SMALL, Studio, a_stack, eventually

DEADLINE_SECONDS = 12


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    """A stack without emulators, whose provider may take twelve seconds."""
    with a_stack(only=SMALL, environment={"PROVIDER_DEADLINE_SECONDS": str(DEADLINE_SECONDS)}) as stack:
        yield stack


@pytest.fixture
def studio(stack: LocalStack) -> Studio:
    """A new person's empty project."""
    return Studio.open(stack)


@pytest.fixture
def node_id(studio: Studio, tmp_path: Path) -> str:
    """A video node that moves a picture. The provider fetches the picture, so its reply waits as long as Cloud Storage does."""
    Image.new("RGB", (640, 360), "teal").save(tmp_path / "sea.png")
    picture, video = studio.add_picture(tmp_path / "sea.png"), studio.add_video("Waves")
    studio.connect(picture, "image", video, "image")
    return video


def test_a_worker_that_died_before_the_reply_finds_its_video_under_the_prefix(stack: LocalStack, studio: Studio, node_id: str) -> None:
    submits = studio.simulator.submits()
    with frozen(stack, "storage"):
        job_id = studio.start(node_id)
        eventually(lambda: studio.simulator.submits() == submits + 1, "the submit")
        stack.kill("worker")
    stack.kill("video_rendered")  # no event tells of the video: it has to be looked for
    studio.wait_for_provider(job_id)
    assert studio.person.job(job_id)["state"] == "submitted"

    stack.start("worker")
    studio.wait_for_state(job_id, "succeeded")
    stack.start("video_rendered")

    check_made_once(studio, node_id, job_id, cost_microusd=SHORT)
    assert studio.simulator.submits() == submits + 1


def test_a_submit_that_never_arrived_is_lost_at_the_deadline_and_retry_makes_the_video(
    stack: LocalStack, studio: Studio, node_id: str
) -> None:
    submits, billed = studio.simulator.submits(), len(studio.simulator.journal())
    with frozen(stack, "storage"):
        job_id = studio.start(node_id)
        eventually(lambda: studio.simulator.submits() == submits + 1, "the submit")
        stack.kill("worker")
        stack.kill("vertex")
    for part in ("vertex", "worker"):
        stack.start(part)

    lost = _check_until(studio, job_id, "failed", "succeeded")

    assert (lost["state"], lost["cause"], lost["can_retry"], lost["attempts"]) == ("failed", "submission_lost", True, 1)
    assert "may have been billed" in lost["message"]
    assert (studio.simulator.journal(job_id), studio.takes(node_id), studio.money()) == ([], [], (0, 0, SHORT))

    retried = studio.person.retry(job_id)
    studio.wait_for_state(retried["id"], "succeeded")  # on a slow machine after the deadline
    assert [take["job_id"] for take in studio.takes(node_id)] == [retried["id"]]
    assert (len(studio.simulator.journal()), len(studio.simulator.journal(retried["id"]))) == (billed + 1, 1)
    # Whether the lost one was billed, only the provider's account can tell.
    assert studio.money() == (SHORT, 0, SHORT)


def test_a_lost_reply_and_a_dead_worker_are_no_second_submit(stack: LocalStack, studio: Studio) -> None:
    node_id = studio.add_video("Twice unlucky")
    studio.simulator.tell(["lost_reply", "hold"])
    job_id = studio.start(node_id)
    eventually(lambda: studio.simulator.journal(job_id), "the submit")

    stack.kill("worker")
    studio.simulator.release()
    studio.wait_for_provider(job_id)
    stack.start("worker")

    studio.wait_for_state(job_id, "succeeded")  # where the worker was away for longer than the deadline, it was failed before
    check_made_once(studio, node_id, job_id, cost_microusd=SHORT)


def test_a_video_that_comes_after_the_deadline_is_kept_and_paid(stack: LocalStack, studio: Studio) -> None:
    node_id = studio.add_video("Better late")
    studio.simulator.tell("hold")
    job_id = studio.start(node_id)
    studio.wait_for_state(job_id, "polling")

    late = eventually(lambda: _polled(studio, job_id, "failed"), "the deadline", pause_seconds=1)
    assert (late["cause"], late["can_retry"], studio.money()) == ("timed_out", True, (0, 0, SHORT))
    assert studio.person.node(studio.project_id, node_id)["state"] == "failed"

    studio.simulator.release()
    studio.wait_for_state(job_id, "succeeded")
    check_made_once(studio, node_id, job_id, cost_microusd=SHORT)


def _check_until(studio: Studio, job_id: str, *states: str) -> dict[str, Any]:
    """The job, once it is in one of these states; meanwhile its submit is looked for each second."""

    def look() -> dict[str, Any] | None:
        studio.invoker.call("/tasks/check", job_id=job_id)
        job = studio.person.job(job_id)
        return job if job["state"] in states else None

    return eventually(look, f"job {job_id} {' or '.join(states)}", pause_seconds=1)


def _polled(studio: Studio, job_id: str, state: str) -> dict[str, Any] | None:
    studio.invoker.call("/tasks/poll-now", job_id=job_id)
    job = studio.person.job(job_id)
    return job if job["state"] == state else None
