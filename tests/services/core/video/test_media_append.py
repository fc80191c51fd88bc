"""A master with its extension: every frame in its place, sound without a seam, whatever form and encoding came back."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from services.core.video.media.cuts import append, concatenate
from services.core.video.media.errors import IncompatibleVideo, UnexpectedExtension
from services.core.video.media.inventory import take_inventory
from services.core.video.media.probe import probe
from tests.services.core.video.media_clips import (
    AMPLITUDE,
    BASELINE,
    ONE_KEYFRAME,
    OTHER_ENCODER,
    PROVIDER,
    Clip,
    decoding_times,
    difference,
    number_on,
    numbers,
    pictures,
    sound,
    tone,
    write_clip,
)

BASE, NEW, TAIL = 96, 168, 48  # a 4 s master, 7 s of new frames, a 2 s tail
COPIED = 0.0
NEARLY = 2.0  # grey levels: a second encoding at CRF 16


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("master") / "master.mp4", Clip(BASE))


def require_endless_tone(path: Path, *, frames: int, tolerance: float = 0.03) -> None:
    """The sound is the tone from beginning to end, seams included, to the sample; the first and last 1024 samples may fade."""
    heard = sound(path)
    expected = tone(0, frames * 2000, 48_000)
    assert abs(len(heard) - len(expected)) <= 1024
    body = slice(1024, min(len(heard), len(expected)) - 1024)
    assert np.abs(heard[body] - expected[body]).max() < tolerance * AMPLITUDE * 3.4


def require_monotonic(path: Path) -> None:
    for times in decoding_times(path).values():
        assert all(later > earlier for earlier, later in pairwise(times))


@pytest.mark.parametrize("options", [PROVIDER, OTHER_ENCODER, BASELINE], ids=["same encoder", "other encoder", "baseline"])
def test_new_frames_alone_follow_the_master_and_show_what_they_showed(tmp_path: Path, master: Path, options: dict[str, str]) -> None:
    returned = write_clip(tmp_path / "returned.mp4", Clip(NEW, first=BASE, options=options))

    appended = append(master, returned, TAIL, tmp_path / "out.mp4")

    assert (appended.form, appended.frames, appended.new_frames, appended.dropped_frames) == ("new_only", BASE + NEW, NEW, 0)
    assert (appended.reencoded is None) == (options is PROVIDER)
    assert numbers(tmp_path / "out.mp4") == list(range(BASE + NEW))
    shown = pictures(tmp_path / "out.mp4")
    assert difference(shown[:BASE], pictures(master)) == COPIED
    assert difference(shown[BASE:], pictures(returned)) <= (COPIED if options is PROVIDER else NEARLY)
    require_endless_tone(tmp_path / "out.mp4", frames=BASE + NEW)
    require_monotonic(tmp_path / "out.mp4")


@pytest.mark.parametrize(
    ("options", "copied"),
    [(PROVIDER, True), (ONE_KEYFRAME, False), (OTHER_ENCODER, False), (BASELINE, False)],
    ids=["keyframe at the end of the tail", "no keyframe there", "other encoder", "baseline"],
)
def test_the_tail_that_came_back_is_dropped_to_the_frame(tmp_path: Path, master: Path, options: dict[str, str], copied: bool) -> None:
    returned = write_clip(tmp_path / "returned.mp4", Clip(TAIL + NEW, first=BASE - TAIL, options=options))

    appended = append(master, returned, TAIL, tmp_path / "out.mp4")

    assert (appended.form, appended.frames, appended.new_frames, appended.dropped_frames) == ("tail_plus_new", BASE + NEW, NEW, TAIL)
    assert (appended.reencoded is None) == copied
    assert numbers(tmp_path / "out.mp4") == list(range(BASE + NEW))
    shown = pictures(tmp_path / "out.mp4")
    assert difference(shown[:BASE], pictures(master)) == COPIED
    assert difference(shown[BASE:], pictures(returned)[TAIL:]) <= (COPIED if copied else NEARLY)
    require_endless_tone(tmp_path / "out.mp4", frames=BASE + NEW)
    require_monotonic(tmp_path / "out.mp4")


def test_decoding_may_begin_at_any_keyframe_of_a_master_with_two_encodings(tmp_path: Path, master: Path) -> None:
    returned = write_clip(tmp_path / "returned.mp4", Clip(NEW, first=BASE, options=OTHER_ENCODER))
    append(master, returned, TAIL, tmp_path / "out.mp4")

    for time in probe(tmp_path / "out.mp4").keyframe_times:
        with av.open(str(tmp_path / "out.mp4")) as container:
            container.seek(round(time * 1_000_000))
            frame = next(frame for frame in container.decode(video=0) if (frame.time or 0) >= time - 0.001)
            assert number_on(np.asarray(frame.to_ndarray(format="gray8"), np.uint8)) == round(time * 24)


def test_the_parameter_sets_of_later_hops_are_declared_only_once(tmp_path: Path, master: Path) -> None:
    current = master
    for hop in range(3):
        returned = write_clip(tmp_path / f"returned-{hop}.mp4", Clip(NEW, first=BASE + hop * NEW, options=OTHER_ENCODER, sample_rate=None))
        append(current, returned, TAIL, tmp_path / f"out-{hop}.mp4")
        current = tmp_path / f"out-{hop}.mp4"

    sets = take_inventory(current).pictures.parameter_sets
    assert sets is not None
    assert (len(sets.sequence), len(sets.picture)) == (2, 2)
    assert numbers(current) == list(range(BASE + 3 * NEW))


def test_an_extension_without_sound_continues_in_silence(tmp_path: Path, master: Path) -> None:
    returned = write_clip(tmp_path / "returned.mp4", Clip(NEW, first=BASE, sample_rate=None))

    append(master, returned, TAIL, tmp_path / "out.mp4")

    seen = probe(tmp_path / "out.mp4")
    heard = sound(tmp_path / "out.mp4")
    seam = BASE * 2000
    assert seen.audio_duration_seconds == pytest.approx(seen.duration_seconds, abs=0.04)
    assert np.abs(heard[seam - 4096 : seam - 1024]).max() > 0.2
    assert np.abs(heard[seam + 2048 :]).max() < 0.001


def test_a_silent_master_gets_a_track_when_its_extension_has_sound(tmp_path: Path) -> None:
    silent = write_clip(tmp_path / "silent.mp4", Clip(BASE, sample_rate=None))
    returned = write_clip(tmp_path / "returned.mp4", Clip(NEW, first=BASE))

    append(silent, returned, TAIL, tmp_path / "out.mp4")

    heard = sound(tmp_path / "out.mp4")
    seam = BASE * 2000
    assert np.abs(heard[: seam - 2048]).max() < 0.001
    assert np.abs(heard[seam + 2048 : -2048] - tone(seam + 2048, len(heard) - seam - 4096, 48_000)).max() < 0.03


def test_two_silent_videos_stay_without_a_track(tmp_path: Path) -> None:
    parts = [write_clip(tmp_path / f"{n}.mp4", Clip(48, first=48 * n, sample_rate=None)) for n in range(2)]

    concatenate(parts, tmp_path / "out.mp4")

    assert not probe(tmp_path / "out.mp4").has_audio
    assert numbers(tmp_path / "out.mp4") == list(range(96))


@pytest.mark.parametrize(("rate", "layout"), [(44_100, "stereo"), (48_000, "mono"), (22_050, "mono")])
def test_sound_of_another_rate_or_layout_is_brought_to_the_masters(tmp_path: Path, master: Path, rate: int, layout: str) -> None:
    returned = write_clip(tmp_path / "returned.mp4", Clip(NEW, first=BASE, sample_rate=rate, layout=layout))

    append(master, returned, TAIL, tmp_path / "out.mp4")

    seen = probe(tmp_path / "out.mp4")
    assert (seen.audio_sample_rate, seen.audio_channels) == (48_000, 2)
    assert seen.audio_duration_seconds == pytest.approx(seen.duration_seconds, abs=0.04)
    heard, expected = sound(tmp_path / "out.mp4"), tone(0, (BASE + NEW) * 2000, 48_000)
    after = slice(BASE * 2000 + 4096, len(expected) - 4096)
    assert np.abs(heard[after] - expected[after]).max() < 0.1 * AMPLITUDE


@pytest.mark.parametrize("sound_seconds", [3.6, 4.3], ids=["shorter", "longer"])
def test_sound_that_ends_off_the_pictures_does_not_shift_what_follows(tmp_path: Path, sound_seconds: float) -> None:
    uneven = write_clip(tmp_path / "uneven.mp4", Clip(BASE, sound_seconds=sound_seconds))
    returned = write_clip(tmp_path / "returned.mp4", Clip(NEW, first=BASE))

    append(uneven, returned, TAIL, tmp_path / "out.mp4")

    heard, expected = sound(tmp_path / "out.mp4"), tone(0, (BASE + NEW) * 2000, 48_000)
    after = slice(BASE * 2000 + 1024, len(expected) - 1024)
    assert np.abs(heard[after] - expected[after]).max() < 0.03


@pytest.mark.parametrize(
    "returned",
    [
        Clip(NEW, first=BASE, pixel_format="yuv444p", options={"preset": "ultrafast"}),
        Clip(NEW, first=BASE, codec="mpeg4", options={"b": "2000000"}),
    ],
    ids=["other sampling", "other codec"],
)
def test_pictures_in_another_format_are_encoded_to_the_masters(tmp_path: Path, master: Path, returned: Clip) -> None:
    path = write_clip(tmp_path / "returned.mp4", returned)

    appended = append(master, path, TAIL, tmp_path / "out.mp4")

    assert appended.reencoded is not None
    assert numbers(tmp_path / "out.mp4") == list(range(BASE + NEW))
    assert difference(pictures(tmp_path / "out.mp4")[BASE:], pictures(path)) <= NEARLY


def test_a_part_with_another_frame_rate_lasts_as_long_as_before(tmp_path: Path, master: Path) -> None:
    thirty = write_clip(tmp_path / "thirty.mp4", Clip(60, fps=30))

    joined = concatenate([master, thirty], tmp_path / "out.mp4")

    assert (joined.frames, joined.fps) == (BASE + 48, Fraction(24))
    assert numbers(tmp_path / "out.mp4")[BASE:] == [round(tick * 30 / 24 - 0.2) for tick in range(48)]


def test_a_part_with_uneven_frames_keeps_its_timing(tmp_path: Path, master: Path) -> None:
    even = write_clip(tmp_path / "even.mp4", Clip(48, sample_rate=None))
    with av.open(str(even)) as source, av.open(str(tmp_path / "uneven.mp4"), "w") as container:
        stream = container.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.pts is not None and packet.dts is not None:
                second = round(1 / packet.time_base)
                packet.pts, packet.dts = (time + max(0, time - second) for time in (packet.pts, packet.dts))  # slower from 1 s on
                packet.duration = (packet.duration or 0) * (2 if packet.pts > second else 1)
                packet.stream = stream
                container.mux(packet)

    joined = concatenate([master, tmp_path / "uneven.mp4"], tmp_path / "out.mp4")

    assert joined.reencoded == (None, "its frames do not follow each other evenly")
    assert numbers(tmp_path / "out.mp4")[BASE:] == [*range(24), *(number for number in range(24, 48) for _ in range(2))]


def test_a_master_that_cannot_be_copied_is_encoded_once_and_then_copied(tmp_path: Path) -> None:
    foreign = write_clip(tmp_path / "foreign.mp4", Clip(BASE, codec="mpeg4", options={"b": "2000000"}))
    clips = [write_clip(tmp_path / f"{n}.mp4", Clip(NEW, first=BASE + n * NEW, options=OTHER_ENCODER)) for n in range(2)]

    first = concatenate([foreign, clips[0]], tmp_path / "first.mp4")
    second = concatenate([tmp_path / "first.mp4", clips[1]], tmp_path / "second.mp4")

    assert first.reencoded[0] is not None
    assert second.reencoded[0] is None
    assert numbers(tmp_path / "second.mp4") == list(range(BASE + 2 * NEW))


def test_another_size_is_refused_in_words_and_nothing_is_written(tmp_path: Path, master: Path) -> None:
    small = write_clip(tmp_path / "small.mp4", Clip(NEW, width=128, height=72))

    with pytest.raises(IncompatibleVideo, match="128 x 72") as refused:
        append(master, small, TAIL, tmp_path / "out.mp4")

    assert refused.value.code == "size_differs"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small.mp4"]


def test_a_clip_of_neither_length_is_refused_in_words(tmp_path: Path, master: Path) -> None:
    returned = write_clip(tmp_path / "returned.mp4", Clip(TAIL, first=BASE - TAIL))

    with pytest.raises(UnexpectedExtension, match=r"2\.00 s long; expected about 7 s"):
        append(master, returned, TAIL, tmp_path / "out.mp4")


def test_a_720p_hop_keeps_every_frame(tmp_path: Path) -> None:
    base = write_clip(tmp_path / "base.mp4", Clip(24, width=1280, height=720))
    returned = write_clip(tmp_path / "returned.mp4", Clip(24 + NEW, width=1280, height=720, options=ONE_KEYFRAME))

    appended = append(base, returned, 24, tmp_path / "out.mp4")

    assert (appended.frames, appended.dropped_frames) == (24 + NEW, 24)
    assert numbers(tmp_path / "out.mp4") == list(range(24 + NEW))
