"""People run what they have wired, and pay once for each clip: chains, samples, frames, sizes, and the spending limit."""

from collections.abc import Iterator
from pathlib import Path

import av
import httpx
import numpy as np
import pytest
from PIL import Image

from infra.local.person import Refused
from infra.local.supervisor.stack import LocalStack
from tests.journeys.support import HOP, SHORT, SMALL, Studio, a_stack

HD_SECOND = 120_000
"""A second of the fast model in 1080p, in microdollars."""


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    """A stack without emulators."""
    with a_stack(only=SMALL) as stack:
        yield stack


@pytest.fixture
def studio(stack: LocalStack) -> Studio:
    """A new person's empty project."""
    return Studio.open(stack)


def test_a_chain_is_paid_for_once_and_again_only_as_far_as_it_changed(studio: Studio) -> None:
    person, project_id = studio.person, studio.project_id
    # The other form in which a provider may extend: only what is new. The demo's simulator returns the tail and what is new.
    opening, sequel = studio.add_video("A fox wakes up"), studio.add_video("It runs off [simulate:extension_form:new_only]")
    studio.connect(opening, "video", sequel, "video")
    order = {"project_id": project_id, "scope": "all"}

    # A first run makes everything, at the price that was estimated.
    estimate = person.call("POST", "/api/ai/estimate", body=order)
    first = person.run(project_id)
    assert first["estimate_microusd"] == estimate["cost_microusd"] == SHORT + HOP
    assert person.wait_for_run(project_id, first["id"])["state"] == "succeeded"
    (long,) = studio.takes(sequel)
    assert (long["hop"], long["asset"]["frames"], long["asset"]["has_audio"]) == (1, (4 + 7) * 24, True)
    assert long["parent_take_id"] == studio.takes(opening)[0]["id"]
    assert studio.money() == (SHORT + HOP, 0, 0)

    # A second one finds that nothing is left to be made.
    second = person.run(project_id)
    assert (second["state"], second["estimate_microusd"]) == ("succeeded", 0)
    assert [step["take_id"] for step in second["steps"]] == [studio.takes(opening)[0]["id"], long["id"]]

    # With another prompt for the sequel only the sequel is made.
    person.configure(project_id, sequel, {"prompt": "It curls up again [simulate:extension_form:new_only]"})
    third = person.run(project_id)
    assert third["estimate_microusd"] == HOP
    assert person.wait_for_run(project_id, third["id"])["state"] == "succeeded"
    assert (len(studio.takes(opening)), len(studio.takes(sequel))) == (1, 2)
    assert studio.money() == (SHORT + 2 * HOP, 0, 0)
    jobs = {job["id"] for node_id in (opening, sequel) for job in person.jobs(project_id, node_id)}
    assert [len(studio.simulator.journal(job_id)) for job_id in jobs] == [1, 1, 1]


def test_of_four_samples_with_one_blocked_three_are_kept_and_paid(studio: Studio) -> None:
    node_id = studio.add_video("Four ways to look at a fox", samples=4)
    studio.simulator.tell("partial:1")

    job = studio.wait_for_state(studio.start(node_id), "succeeded", "failed", "blocked")

    assert job["state"] == "succeeded"
    takes = sorted(studio.takes(node_id), key=lambda take: int(take["sample"]))
    assert [take["sample"] for take in takes] == [1, 2, 3]
    assert len({take["asset"]["sha256"] for take in takes}) == 3
    assert studio.money() == (3 * SHORT, 0, 0)
    assert studio.person.node(studio.project_id, node_id)["selected_take_id"] == takes[0]["id"]


def test_a_clip_between_two_frames_begins_with_one_and_ends_with_the_other(studio: Studio, tmp_path: Path) -> None:
    red, blue = (studio.add_picture(_a_picture(tmp_path, colour)) for colour in ("red", "blue"))
    node_id = studio.add_video("From red to blue")
    studio.connect(red, "image", node_id, "image")
    studio.connect(blue, "image", node_id, "last_frame")

    assert studio.wait_for_state(studio.start(node_id), "succeeded", "failed", "blocked")["state"] == "succeeded"

    (take,) = studio.takes(node_id)
    first, last = _first_and_last_frame(take["asset"]["url"], tmp_path / "clip.mp4")
    assert first[0] > 2 * first[2], "the first frame is not red"
    assert last[2] > 2 * last[0], "the last frame is not blue"


def test_a_large_video_is_made_from_words_alone(studio: Studio) -> None:
    node_id = studio.add_video("Dunes at dawn", resolution="1080p", duration_seconds=8)

    assert studio.wait_for_state(studio.start(node_id), "succeeded", "failed", "blocked")["state"] == "succeeded"

    (take,) = studio.takes(node_id)
    assert (take["asset"]["width"], take["asset"]["height"], take["asset"]["frames"]) == (1920, 1080, 8 * 24)
    assert studio.money() == (8 * HD_SECOND, 0, 0)


def test_a_rule_of_the_model_refuses_before_anything_is_queued(studio: Studio) -> None:
    node_id = studio.add_video("Dunes at dawn", resolution="1080p", duration_seconds=4)

    with pytest.raises(Refused) as refusal:
        studio.start(node_id)

    assert refusal.value.problem["node_id"] == node_id
    assert studio.person.jobs(studio.project_id, node_id) == []
    assert studio.money() == (0, 0, 0)


def test_the_spending_limit_refuses_before_anything_is_queued(studio: Studio) -> None:
    node_id = studio.add_video("One cent too dear")
    limit = {"spending_limit_microusd": SHORT - 10_000}
    studio.person.call("PUT", f"/api/projects/{studio.project_id}/spending-limit", body=limit)
    submits = studio.simulator.submits()

    with pytest.raises(Refused) as refusal:
        studio.start(node_id)

    problem = refusal.value.problem
    assert (problem["code"], problem["estimate_microusd"], problem["left_microusd"]) == ("spending_limit_reached", SHORT, SHORT - 10_000)
    assert studio.person.jobs(studio.project_id, node_id) == []
    assert studio.person.node(studio.project_id, node_id)["state"] == "idle"
    assert (studio.money(), studio.simulator.submits()) == ((0, 0, 0), submits)


def test_two_clicks_and_a_repeated_request_are_one_job(studio: Studio) -> None:
    node_id = studio.add_video("Clicked twice")
    order = {"scope": "node", "node_id": node_id}
    path = f"/api/projects/{studio.project_id}/runs"
    studio.simulator.tell("hold")

    clicks = [studio.person.call("POST", path, body=order, starts_work=True, key=key) for key in ("first", "first", "second")]

    assert clicks[0] == clicks[1]
    assert clicks[2]["id"] != clicks[0]["id"]
    (job,) = studio.person.jobs(studio.project_id, node_id)
    assert [click["steps"][0]["job_id"] for click in clicks] == [job["id"]] * 3
    studio.wait_for_state(job["id"], "polling")
    studio.simulator.release()
    assert studio.wait_for_state(job["id"], "succeeded", "failed", "blocked")["state"] == "succeeded"
    for click in clicks:
        assert studio.person.wait_for_run(studio.project_id, click["id"])["state"] == "succeeded"
    assert (len(studio.simulator.journal(job["id"])), studio.money()) == (1, (SHORT, 0, 0))


def _a_picture(directory: Path, colour: str) -> Path:
    path = directory / f"{colour}.png"
    Image.new("RGB", (640, 360), colour).save(path)
    return path


def _first_and_last_frame(url: str, path: Path) -> tuple[np.ndarray, np.ndarray]:
    """The mean colours, RGB."""
    path.write_bytes(httpx.get(url, timeout=60).raise_for_status().content)
    with av.open(str(path)) as video:
        frames = [frame.to_ndarray(format="rgb24") for frame in video.decode(video=0)]
    return frames[0].mean(axis=(0, 1)), frames[-1].mean(axis=(0, 1))
