"""The job makes one film, whoever dies, comes twice or comes late: real clips, real FFmpeg, buckets with their precondition."""

from datetime import timedelta
from pathlib import Path
from threading import Event
from uuid import UUID

import pytest

from services.core.exports import make as making
from services.core.exports import rules
from services.core.exports.lease import Attempt, heartbeat, keep_lease, take_lease
from services.core.exports.make import Overtaken
from services.core.exports.repository import list_clips
from services.core.exports.rules import LEASE
from services.core.video.media.probe import probe
from tests.services.core.exports.world import World
from tests.services.core.jobs.fakes import Killed, StorageDown
from tests.services.core.jobs.world import wait_until
from tests.services.core.video.media_clips import Clip, numbers


def two_takes(world: World) -> tuple[UUID, UUID]:
    """Two clips of 6 frames, the numbers 0 to 11 on them."""
    return world.a_take(Clip(6)), world.a_take(Clip(6, first=6))


def bytes_of(world: World, tmp_path: Path) -> Path:
    """The one film there is, as a file."""
    (film,) = world.films()
    assert film.bucket and film.object_name
    path = tmp_path / "downloaded.mp4"
    world.store.download(film.bucket, film.object_name, path)
    return path


def test_takes_become_one_film_in_their_order(world: World, tmp_path: Path) -> None:
    first, second = two_takes(world)
    export_id, execution = world.running(second, first, second)

    assert world.make(export_id, execution)

    row, (film,) = world.row(export_id), world.films()
    assert (row.state, row.progress, row.asset_id, row.lease_until) == ("succeeded", 1.0, film.id, None)
    assert (film.kind, film.state, film.frames, film.has_audio) == ("video", "ready", 18, True)
    assert film.file_name == "Trailer (source).mp4"
    assert film.thumbnail_object and film.poster_object and world.store.exists("test-media", film.poster_object)
    assert numbers(bytes_of(world, tmp_path)) == [*range(6, 12), *range(6), *range(6, 12)]
    assert world.events() == ["export.started", "export.succeeded"]


def test_a_film_in_1080p_is_scaled_and_keeps_its_sound(world: World, tmp_path: Path) -> None:
    export_id, execution = world.running(*two_takes(world), resolution="1080p")

    world.make(export_id, execution)

    seen = probe(bytes_of(world, tmp_path))
    assert (seen.width, seen.height, seen.frames, seen.has_audio) == (1920, 1080, 12, True)
    assert seen.audio_duration_seconds == pytest.approx(0.5, abs=0.04)


def test_of_two_executions_of_one_attempt_one_ends_at_once(world: World) -> None:
    export_id, execution = world.running(*two_takes(world))
    assert take_lease(world.tools, Attempt(export_id, 1, "export-other"))

    assert not world.make(export_id, execution)

    assert (world.row(export_id).state, world.films()) == ("running", [])


def test_a_lease_is_taken_over_when_it_has_lapsed_and_by_a_retry_of_the_same_execution(world: World) -> None:
    export_id, execution = world.running(*two_takes(world))
    attempt, other = Attempt(export_id, 1, execution), Attempt(export_id, 1, "export-other")

    assert take_lease(world.tools, attempt) and take_lease(world.tools, attempt)
    assert not take_lease(world.tools, other)
    world.clock.now += LEASE * 1.1

    assert take_lease(world.tools, other)
    assert not keep_lease(world.tools, attempt, 0.5)


def test_an_execution_of_an_earlier_attempt_ends_at_once(world: World) -> None:
    export_id, execution = world.running(*two_takes(world))
    world.executions.ended.add(execution)
    world.follow(export_id)
    assert not world.make(export_id, execution)
    world.follow(export_id)

    assert not world.make(export_id, execution)
    assert world.make(export_id, "export-1", attempt=2)

    assert (world.row(export_id).state, len(world.films())) == ("succeeded", 1)


def test_killed_at_any_moment_the_next_attempt_ends_with_one_film(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.core.exports.lease.HEARTBEAT", timedelta(hours=1))  # it is the main thread that dies
    takes = two_takes(world)
    deaths = 0
    for moment in range(1, 100):
        export_id, execution = world.running(*takes)
        world.mortality.dies_at(moment)
        try:
            world.make(export_id, execution)
        except Killed:
            deaths += 1
        world.mortality.dies_at(None)
        if has_lived := deaths < moment:
            break
        if world.row(export_id).state == "running":
            world.executions.ended.add(execution)
            world.follow(export_id)
            world.follow(export_id)
            assert world.make(export_id, world.row(export_id).execution or "", attempt=2)
        assert world.row(export_id).state == "succeeded"
    assert has_lived and deaths > 8
    assert len(world.films()) == len(world.created("film.mp4")) == deaths + 1


def test_what_is_cancelled_while_it_is_made_is_not_uploaded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    export_id, execution = world.running(*two_takes(world))
    monkeypatch.setattr(making, "_make", lambda *_: world.cancel(export_id))

    with pytest.raises(Overtaken):
        world.make(export_id, execution)

    assert (world.row(export_id).state, world.films(), world.store.created) == ("cancelled", [], [])


def test_clips_that_cannot_become_a_film_fail_it_with_the_reason_and_no_further_attempt(world: World) -> None:
    broken = world.a_take()
    world.store.put("test-media", object_of(world, broken), "<html>502</html>")
    export_id, execution = world.running(broken)

    assert world.make(export_id, execution)

    row = world.row(export_id)
    assert (row.state, row.cause, row.message) == ("failed", "not_a_video", "The file is not a video.")
    assert row.advice and row.next_check_at is None
    assert world.events() == ["export.started", "export.failed"]


def test_what_goes_wrong_on_our_side_leaves_the_row_to_the_next_attempt(world: World) -> None:
    export_id, execution = world.running(*two_takes(world))
    world.store.is_down = True

    with pytest.raises(StorageDown):
        world.make(export_id, execution)

    assert world.row(export_id).state == "running"


def test_the_heartbeat_renews_the_lease_and_tells_how_much_is_done(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    export_id, attempt, beats = a_lease(world, monkeypatch)

    with heartbeat(world.tools, attempt, lambda: None) as progress:
        progress.done = 0.4
        world.clock.tick(seconds=30)
        wait_until(lambda: world.row(export_id).progress == 0.4)

    assert world.row(export_id).lease_until == world.clock.now + LEASE
    assert not beats.is_set()


def test_who_has_lost_the_lease_is_told_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    export_id, attempt, lost = a_lease(world, monkeypatch)

    with heartbeat(world.tools, attempt, lost.set):
        world.cancel(export_id)
        assert lost.wait(20)


def a_lease(world: World, monkeypatch: pytest.MonkeyPatch) -> tuple[UUID, Attempt, Event]:
    """A running export with its lease taken, and a heart that beats fast."""
    monkeypatch.setattr("services.core.exports.lease.HEARTBEAT", rules.HEARTBEAT / 100)
    export_id, execution = world.running()
    attempt = Attempt(export_id, 1, execution)
    assert take_lease(world.tools, attempt)
    return export_id, attempt, Event()


def object_of(world: World, take_id: UUID) -> str:
    with world.database.unit_of_work() as session:
        (asset,) = list_clips(session, world.project_id, [take_id])
    assert asset.object_name
    return asset.object_name
