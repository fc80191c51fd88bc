"""A film from the click to the downloaded file: the worker starts a job, the job makes one MP4, and everybody concerned is told."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from infra.local.person import Refused
from infra.local.supervisor.stack import LocalStack
from services.core.video.media.probe import probe
from tests.journeys.films import Theatre, exporters
from tests.journeys.support import SMALL, a_stack, eventually


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    """A stack without emulators, but with jobs."""
    with a_stack(only=(*SMALL, "run_jobs")) as stack:
        yield stack


@pytest.fixture(scope="module")
def theatre(stack: LocalStack) -> Theatre:
    """One person's project with two finished videos."""
    return Theatre.open(stack)


def test_two_videos_become_one_film_in_1080p_that_is_downloaded(theatre: Theatre, tmp_path: Path) -> None:
    first, second = theatre.take_ids
    asked = theatre.export(second, first, resolution="1080p", key="one-film")
    assert (asked["state"], asked["asset"]) == ("queued", None)
    assert theatre.export(second, first, resolution="1080p", key="one-film")["id"] == asked["id"]

    made = theatre.ended(asked["id"])

    assert (made["state"], made["progress"], made["attempt"], made["cause"]) == ("succeeded", 1.0, 1, None)
    answer = httpx.get(made["download_url"], timeout=60)
    assert "Journey%20%281080p%29.mp4" in answer.headers["content-disposition"]
    film = tmp_path / "film.mp4"
    film.write_bytes(answer.content)
    seen = probe(film)
    assert (seen.width, seen.height, seen.frames, seen.duration_seconds) == (1920, 1080, 2 * 4 * 24, 8.0)
    assert seen.audio_duration_seconds == pytest.approx(8.0, abs=0.04)
    told = theatre.told()
    assert [event["type"] for event in told] == ["export.started", "export.succeeded"]
    assert told[-1]["payload"]["asset_id"] == made["asset"]["id"]


def test_what_a_node_shows_is_exported_as_it_is(theatre: Theatre) -> None:
    node_id, (take_id, _) = theatre.node_ids[0], theatre.take_ids

    made = theatre.ended(theatre.order({"kind": "chain", "node_id": node_id}, "source")["id"])

    assert (made["state"], made["take_ids"]) == ("succeeded", [take_id])
    assert (made["asset"]["width"], made["asset"]["frames"]) == (1280, 4 * 24)


def test_a_film_that_is_cancelled_ends_at_once_and_its_execution_soon(stack: LocalStack, theatre: Theatre) -> None:
    export_id = theatre.export(*theatre.take_ids * 10, resolution="4k")["id"]
    theatre.until_it_works(export_id)

    cancelled = theatre.cancel(export_id)

    assert (cancelled["state"], cancelled["asset"]) == ("cancelled", None)
    eventually(lambda: not exporters(stack, export_id), "the end of the execution")
    assert theatre.export_of(export_id)["state"] == "cancelled"


def test_a_node_without_a_video_has_nothing_to_export(theatre: Theatre) -> None:
    node_id = theatre.studio.add_video("Not yet")

    with pytest.raises(Refused, match="no finished video yet"):
        theatre.order({"kind": "chain", "node_id": node_id}, "source")
