"""What is in the pictures: rendered small and directly, without HTTP."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from infra.local.vertex.render.encoding import unaligned_keyframe_distance
from infra.local.vertex.render.overlay import mark
from infra.local.vertex.render.specification import (
    ExtensionForm,
    ExtensionSource,
    ImageSource,
    ReferencesSource,
    RenderSpecification,
    Source,
    TextSource,
)
from infra.local.vertex.render.video import render
from tests.local.vertex.support import difference, draw_photo, keyframes, pictures, probe, write_plain_video

WIDE, TALL = (320, 180), (180, 320)
# Two encodings of one picture differ by about this much.
SAME_PICTURE = 6.0


def a_specification(source: Source | None = None, *, seed: int = 1, size: tuple[int, int] = WIDE, **changes: object) -> RenderSpecification:
    fields: dict[str, object] = {
        "source": source or TextSource(),
        "prompt": "",
        "style_digest": hashlib.sha256(str(seed).encode()).hexdigest(),
        "duration_seconds": 4,
        "width": size[0],
        "height": size[1],
        "audio": True,
        "preset": "ultrafast",
    }
    return RenderSpecification.model_validate(fields | changes)


def rendered(path: Path, specification: RenderSpecification) -> Path:
    render(specification, path)
    return path


def red_share(frame: NDArray[np.uint8]) -> float:
    """The share of the picture that the red disc takes."""
    red, green, blue = (frame[..., channel].astype(np.int16) for channel in range(3))
    return float(((red > 120) & (green < 90) & (blue < 90)).mean())


@pytest.mark.parametrize("duration_seconds", [4, 6, 8])
def test_a_video_has_exactly_its_frames_and_sound_of_the_same_length(tmp_path: Path, duration_seconds: int) -> None:
    video = probe(rendered(tmp_path / "a.mp4", a_specification(duration_seconds=duration_seconds)))

    assert (video.frames, video.frame_rate, video.video_codec) == (duration_seconds * 24, 24, "h264")
    assert video.audio == ("aac", 48_000, 2)
    assert video.audio_seconds == pytest.approx(duration_seconds, abs=0.05)


@pytest.mark.parametrize("size", [(1080, 1920), (3840, 2160)])
def test_large_frames_in_both_orientations_can_be_rendered(tmp_path: Path, size: tuple[int, int]) -> None:
    photo = ImageSource(first=draw_photo(tmp_path / "photo.png"))

    video = probe(rendered(tmp_path / "a.mp4", a_specification(photo, size=size, duration_seconds=1)))

    assert (video.width, video.height, video.frames) == (*size, 24)


def test_without_audio_the_file_has_no_audio_stream(tmp_path: Path) -> None:
    assert probe(rendered(tmp_path / "a.mp4", a_specification(audio=False))).audio is None


def test_the_same_specification_gives_the_same_pixels(tmp_path: Path) -> None:
    specification = a_specification(prompt="A lighthouse")

    first, second = (pictures(rendered(tmp_path / f"{name}.mp4", specification)) for name in "ab")

    assert all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))


@pytest.mark.parametrize("from_photo", [True, False])
def test_different_seeds_differ_visibly(tmp_path: Path, from_photo: bool) -> None:
    source = ImageSource(first=draw_photo(tmp_path / "photo.png")) if from_photo else None

    first, second = (pictures(rendered(tmp_path / f"{seed}.mp4", a_specification(source, seed=seed))) for seed in (1, 2))

    assert max(difference(one, other) for one, other in zip(first, second, strict=True)) > 2 * SAME_PICTURE


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("photo_size", "size"), [((300, 450), WIDE), ((400, 400), WIDE), ((300, 450), TALL), ((450, 300), TALL)])
def test_whatever_the_camera_does_the_face_stays_in_the_picture(
    tmp_path: Path, photo_size: tuple[int, int], size: tuple[int, int], seed: int
) -> None:
    photo = draw_photo(tmp_path / "photo.png", *photo_size)
    specification = a_specification(ImageSource(first=photo), seed=seed, size=size, duration_seconds=1)

    frames = pictures(rendered(tmp_path / "a.mp4", specification))

    # In the widest view the disc is whole; in no view may more than a fifth of it be cut off.
    shares = [red_share(frame) for frame in frames]
    assert min(shares) > 0.8 * max(shares) / 1.2**2
    assert max(shares) > 0.01


def test_the_picture_moves(tmp_path: Path) -> None:
    frames = pictures(rendered(tmp_path / "a.mp4", a_specification(ImageSource(first=draw_photo(tmp_path / "photo.png")))))

    assert difference(frames[0], frames[48]) > 1
    assert difference(frames[48], frames[-1]) > 1


def test_first_and_last_frame_become_each_other(tmp_path: Path) -> None:
    first = draw_photo(tmp_path / "first.png", 320, 180, "darkgreen")
    last = draw_photo(tmp_path / "last.png", 320, 180, "white")

    frames = pictures(rendered(tmp_path / "a.mp4", a_specification(ImageSource(first=first, last=last))))

    brightness = [float(frame[90:, 40:280].mean()) for frame in frames]
    assert brightness[0] < 60
    assert 100 < brightness[48] < 160
    assert brightness[-1] > 190


def test_every_reference_is_shown(tmp_path: Path) -> None:
    names = ("black", "dimgrey", "white")
    images = tuple(draw_photo(tmp_path / f"{name}.png", 320, 180, name) for name in names)

    frames = pictures(rendered(tmp_path / "a.mp4", a_specification(ReferencesSource(images=images), duration_seconds=8)))

    together = frames[10]
    assert together[150, 20:80].mean() < together[150, 130:190].mean() < together[150, 240:300].mean()
    alone = [float(frames[round(share * 191)][100:, 60:260].mean()) for share in (0.42, 0.65, 0.95)]
    assert alone[0] < 30
    assert 80 < alone[1] < 130
    assert alone[2] > 190


def test_the_mark_is_in_every_frame_and_the_caption_gone_at_the_end(tmp_path: Path) -> None:
    photo = draw_photo(tmp_path / "photo.png", 320, 180)
    silent = pictures(rendered(tmp_path / "silent.mp4", a_specification(ImageSource(first=photo))))
    spoken = pictures(rendered(tmp_path / "spoken.mp4", a_specification(ImageSource(first=photo), prompt="A lighthouse at dusk")))

    badge = mark(*WIDE)
    height, width = badge.opacity.shape[:2]
    for frame in silent:
        assert frame[badge.top : badge.top + height, badge.left : badge.left + width].std() > 25
    assert difference(silent[36][130:], spoken[36][130:]) > 10
    assert difference(silent[-1], spoken[-1]) < SAME_PICTURE


def extended(tmp_path: Path, form: ExtensionForm, *, input_seconds: int = 4, audio: bool = True) -> tuple[Path, Path]:
    start = a_specification(ImageSource(first=draw_photo(tmp_path / "photo.png")), duration_seconds=input_seconds, audio=audio)
    video = rendered(tmp_path / "input.mp4", start)
    more = a_specification(ExtensionSource(video=video, form=form), seed=2, duration_seconds=7)
    return video, rendered(tmp_path / f"{form}.mp4", more)


@pytest.mark.parametrize("audio", [True, False])
def test_an_extension_with_its_tail_is_the_input_and_seven_seconds(tmp_path: Path, audio: bool) -> None:
    video, longer = extended(tmp_path, "tail_plus_new", audio=audio)

    shape, before, after = probe(longer), pictures(video), pictures(longer)
    assert shape.frames == 4 * 24 + 7 * 24
    assert shape.audio == ("aac", 48_000, 2)
    assert shape.audio_seconds == pytest.approx(11, abs=0.05)
    assert all(difference(one, other) < SAME_PICTURE for one, other in zip(before, after[:96], strict=True))
    assert difference(after[95], after[96]) < SAME_PICTURE


def test_an_extension_without_its_tail_goes_on_from_the_last_frame(tmp_path: Path) -> None:
    video, new = extended(tmp_path, "new_only")

    shape, before, after = probe(new), pictures(video), pictures(new)
    assert (shape.frames, shape.audio) == (7 * 24, ("aac", 48_000, 2))
    assert difference(before[-1], after[0]) < SAME_PICTURE
    assert difference(after[0], after[84]) > 1
    assert difference(after[0], after[-1]) < SAME_PICTURE  # so that a chain of twenty does not drift


def test_no_keyframe_lies_at_the_end_of_the_tail(tmp_path: Path) -> None:
    _, longer = extended(tmp_path, "tail_plus_new", input_seconds=2)

    assert min(abs(number - 48) for number in keyframes(longer)) >= 6


def test_keyframes_can_be_kept_away_from_the_end_of_every_input_that_is_allowed() -> None:
    for frames in range(24, 30 * 24 + 1):
        distance = unaligned_keyframe_distance(frames)
        assert 6 <= frames % distance <= distance - 6


def test_an_input_of_another_frame_rate_is_taken_at_24(tmp_path: Path) -> None:
    video = write_plain_video(tmp_path / "input.mp4", *WIDE, frames=60, frame_rate=30)

    shape = probe(rendered(tmp_path / "a.mp4", a_specification(ExtensionSource(video=video, form="tail_plus_new"), duration_seconds=7)))

    assert shape.frames == pytest.approx(2 * 24 + 7 * 24, abs=1)
