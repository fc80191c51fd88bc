"""A film of several clips: each frame once and in order at the size asked for, sound without a seam, and memory that does not grow."""

import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from services.core.video.media.errors import IncompatibleVideo
from services.core.video.media.film import film, frame_size
from services.core.video.media.probe import probe
from tests.services.core.video.media_clips import AMPLITUDE, OTHER_ENCODER, PROVIDER, Clip, numbers, pictures, sound, tone, write_clip

FRAMES = 24  # 1 s
PEAK = """
import resource, sys
from pathlib import Path
from services.core.video.media.film import film
film([Path(sys.argv[1])] * int(sys.argv[2]), 1080, Path(sys.argv[3]), lambda done: None)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
FRAME_KB = 1920 * 1080 * 3 // 2 // 1024


def quiet(_done: float) -> None:
    """Nobody listens."""


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two clips of one film, as one provider writes them."""
    folder = tmp_path_factory.mktemp("clips")
    return [write_clip(folder / f"{first}.mp4", Clip(FRAMES, first=first)) for first in (0, FRAMES)]


def require_endless_tone(path: Path, frames: int) -> None:
    heard, expected = sound(path), tone(0, frames * 2000, 48_000)
    assert abs(len(heard) - len(expected)) <= 1024
    body = slice(1024, min(len(heard), len(expected)) - 1024)
    assert np.abs(heard[body] - expected[body]).max() < 0.1 * AMPLITUDE


def test_in_the_size_they_have_clips_are_copied(tmp_path: Path, clips: list[Path]) -> None:
    made = film(clips, None, tmp_path / "film.mp4", quiet)

    assert (made.frames, made.reencoded) == (2 * FRAMES, (None, None))
    assert numbers(tmp_path / "film.mp4") == list(range(2 * FRAMES))


def test_a_clip_that_has_the_size_already_is_not_encoded_anew(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", Clip(12, width=1920, height=1080))

    assert film([clip], 1080, tmp_path / "film.mp4", quiet).reencoded == (None,)


@pytest.mark.parametrize(("short_side", "size"), [(1080, (1920, 1080)), (2160, (3840, 2160))])
def test_scaled_it_shows_each_frame_once_and_sounds_as_before(
    tmp_path: Path, clips: list[Path], short_side: int, size: tuple[int, int]
) -> None:
    told: list[float] = []

    made = film(clips, short_side, tmp_path / "film.mp4", told.append)

    seen = probe(tmp_path / "film.mp4")
    assert ((seen.width, seen.height), seen.frames, seen.duration_seconds) == (size, 2 * FRAMES, 2.0)
    assert made.duration_seconds == 2.0
    assert seen.audio_duration_seconds == pytest.approx(2.0, abs=0.04)
    assert numbers(tmp_path / "film.mp4") == list(range(2 * FRAMES))
    require_endless_tone(tmp_path / "film.mp4", 2 * FRAMES)
    assert told == sorted(told) and told[-1] == 1.0 and len(told) == 2 * FRAMES
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


def test_clips_of_other_rates_encoders_and_sounds_fit_into_one_film(tmp_path: Path, clips: list[Path]) -> None:
    slow = write_clip(tmp_path / "slow.mp4", Clip(12, first=100, fps=12, options=OTHER_ENCODER, sample_rate=44_100, layout="mono"))
    silent = write_clip(tmp_path / "silent.mp4", Clip(6, first=200, sample_rate=None))

    film([clips[0], slow, silent], 1080, tmp_path / "film.mp4", quiet)

    seen = probe(tmp_path / "film.mp4")
    assert (seen.frames, float(seen.fps), seen.duration_seconds) == (24 + 24 + 6, 24.0, 2.25)
    assert seen.audio_duration_seconds == pytest.approx(2.25, abs=0.04)
    assert numbers(tmp_path / "film.mp4") == [*range(24), *(100 + n // 2 for n in range(24)), *range(200, 206)]


def test_a_clip_of_another_shape_stands_on_black(tmp_path: Path, clips: list[Path]) -> None:
    portrait = write_clip(tmp_path / "portrait.mp4", Clip(6, width=90, height=160))

    film([clips[0], portrait], 1080, tmp_path / "film.mp4", quiet)

    shown = pictures(tmp_path / "film.mp4")[-1]
    edge = (1920 - 608) // 2
    assert shown.shape == (1080, 1920)
    assert shown[:, : edge - 8].max() <= 20 and shown[:, -edge + 8 :].max() <= 20
    assert shown[:, edge + 8 : -edge - 8].mean() > 40


def test_without_sound_there_is_none(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", Clip(12, sample_rate=None))

    film([clip], 1080, tmp_path / "film.mp4", quiet)

    assert not probe(tmp_path / "film.mp4").has_audio


def test_colours_are_declared_as_the_first_clip_declares_them(tmp_path: Path) -> None:
    options = PROVIDER | {"x264-params": "colorprim=bt709:transfer=bt709:colormatrix=bt709"}
    clip = write_clip(tmp_path / "clip.mp4", Clip(12, options=options))

    film([clip], 1080, tmp_path / "film.mp4", quiet)

    with av.open(str(tmp_path / "film.mp4")) as container:
        assert container.streams.video[0].codec_context.colorspace == 1  # ITU-T H.273: 1 is BT.709


def test_sizes_that_differ_need_a_size_to_be_brought_to(tmp_path: Path, clips: list[Path]) -> None:
    other = write_clip(tmp_path / "other.mp4", Clip(6, width=320, height=180))

    with pytest.raises(IncompatibleVideo, match="320 x 180"):
        film([clips[0], other], None, tmp_path / "film.mp4", quiet)
    with pytest.raises(IncompatibleVideo):
        film([], None, tmp_path / "film.mp4", quiet)


@pytest.mark.parametrize(
    ("first", "short_side", "size"),
    [
        ((1280, 720), 1080, (1920, 1080)),
        ((720, 1280), 2160, (2160, 3840)),
        ((1000, 1000), 1080, (1080, 1080)),
        ((854, 480), 1080, (1922, 1080)),
    ],
)
def test_the_size_keeps_the_shape_and_is_even(first: tuple[int, int], short_side: int, size: tuple[int, int]) -> None:
    assert frame_size(first, short_side) == size


def test_a_longer_film_takes_no_more_memory(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", Clip(48))

    def peak_kb(times: int) -> int:
        command = [sys.executable, "-c", PEAK, str(clip), str(times), str(tmp_path / f"film-{times}.mp4")]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    # The first has filled all that the encoder looks ahead; the 144 frames more would be 440 MB.
    assert peak_kb(4) - peak_kb(1) < 30 * FRAME_KB
