"""The tail of a master: what is sent to the provider, and what twenty hops of it add up to."""

from pathlib import Path

import numpy as np
import pytest

from services.core.video.chain import MAXIMUM_HOPS, TAIL_SECONDS
from services.core.video.media.cuts import append, tail
from services.core.video.media.errors import IncompatibleVideo
from services.core.video.media.probe import probe
from tests.services.core.video.media_clips import (
    BASELINE,
    ONE_KEYFRAME,
    OTHER_ENCODER,
    PROVIDER,
    Clip,
    difference,
    numbers,
    pictures,
    sound,
    tone,
    write_clip,
)


@pytest.mark.parametrize("seconds", [1.6, 2.0, 2.5, 4.0])
def test_a_tail_is_copied_from_a_keyframe_and_ends_with_the_master(tmp_path: Path, seconds: float) -> None:
    master = write_clip(tmp_path / "master.mp4", Clip(84))

    cut = tail(master, seconds, tmp_path / "tail.mp4")

    assert cut.reencoded is None
    assert cut.first_frame % 24 == 0
    assert 1.0 <= cut.duration_seconds <= seconds
    assert numbers(tmp_path / "tail.mp4") == list(range(cut.first_frame, 84))
    assert difference(pictures(tmp_path / "tail.mp4"), pictures(master)[cut.first_frame :]) == 0
    assert probe(tmp_path / "tail.mp4").frames == cut.frames


def test_a_tail_without_a_keyframe_in_reach_is_encoded_to_the_frame(tmp_path: Path) -> None:
    master = write_clip(tmp_path / "master.mp4", Clip(96, options=ONE_KEYFRAME))

    cut = tail(master, 2.5, tmp_path / "tail.mp4")

    assert (cut.frames, cut.first_frame) == (60, 36)
    assert cut.reencoded == "no keyframe lies at its frame 36"
    assert numbers(tmp_path / "tail.mp4") == list(range(36, 96))
    assert difference(pictures(tmp_path / "tail.mp4"), pictures(master)[36:]) < 2


def test_the_sound_of_a_tail_begins_at_its_first_frame(tmp_path: Path) -> None:
    master = write_clip(tmp_path / "master.mp4", Clip(96))

    cut = tail(master, 2.5, tmp_path / "tail.mp4")

    heard, expected = sound(tmp_path / "tail.mp4"), tone(cut.first_frame * 2000, cut.frames * 2000, 48_000)
    assert np.abs(heard[2048 : len(expected) - 2048] - expected[2048:-2048]).max() < 0.03
    assert probe(tmp_path / "tail.mp4").audio_duration_seconds == pytest.approx(cut.duration_seconds, abs=0.04)


def test_a_master_shorter_than_the_tail_is_sent_whole(tmp_path: Path) -> None:
    master = write_clip(tmp_path / "master.mp4", Clip(40, options=ONE_KEYFRAME))

    cut = tail(master, 8.0, tmp_path / "tail.mp4")

    assert (cut.frames, cut.first_frame, cut.reencoded) == (40, 0, None)


@pytest.mark.parametrize(("frames", "seconds"), [(12, 8.0), (48, 0.5), (48, 31.0)])
def test_what_the_provider_would_refuse_is_refused(tmp_path: Path, frames: int, seconds: float) -> None:
    master = write_clip(tmp_path / "master.mp4", Clip(frames))

    with pytest.raises(IncompatibleVideo) as refused:
        tail(master, seconds, tmp_path / "tail.mp4")

    assert refused.value.code == "tail_length"


def test_twenty_hops_in_every_form_keep_every_frame_and_end_together(tmp_path: Path) -> None:
    """8 s and 20 x 7 s: 148 s, 3552 frames, each in its place; sound and pictures end together and agree throughout."""
    encoders = (PROVIDER, PROVIDER, ONE_KEYFRAME, OTHER_ENCODER, BASELINE)
    master = write_clip(tmp_path / "master.mp4", Clip(192, width=96, height=72, layout="mono"))
    known = 192

    for hop in range(MAXIMUM_HOPS):
        sent = 192
        repeated = 0
        if hop % 4 == 3:
            sent = repeated = tail(master, TAIL_SECONDS, tmp_path / "tail.mp4").frames
        clip = Clip(repeated + 168, known - repeated, width=96, height=72, layout="mono", options=encoders[hop % len(encoders)])
        returned = write_clip(tmp_path / "returned.mp4", clip)
        appended = append(master, returned, sent, tmp_path / "next.mp4")
        assert (appended.new_frames, appended.dropped_frames) == (168, repeated)
        (tmp_path / "next.mp4").replace(master)
        known += 168
        assert appended.frames == known

    seen = probe(master)
    assert (seen.frames, seen.duration_seconds) == (3552, 148.0)
    assert seen.audio_duration_seconds == pytest.approx(148.0, abs=0.04)
    assert numbers(master) == list(range(3552))
    heard, expected = sound(master), tone(0, 148 * 48_000, 48_000)
    assert np.abs(heard[1024 : len(expected) - 1024] - expected[1024:-1024]).max() < 0.05  # a click at a seam is over 0.2
