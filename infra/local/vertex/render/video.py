"""Renders one specification into one MP4."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import assert_never

import cv2
import numpy as np

from infra.local.vertex.render import camera, input_video, overlay, sound
from infra.local.vertex.render.encoding import KEYFRAME_DISTANCE, Mp4Writer, unaligned_keyframe_distance
from infra.local.vertex.render.landscape import paint_landscape
from infra.local.vertex.render.pixels import Pixels, as_pixels
from infra.local.vertex.render.scene import SceneSize, fit_picture, grade, load_picture, resize
from infra.local.vertex.render.specification import (
    FRAMES_PER_SECOND,
    SAMPLE_RATE_HZ,
    ExtensionSource,
    ImageSource,
    ReferencesSource,
    RenderSpecification,
    TextSource,
)

Shot = Callable[[float], Pixels]  # progress 0..1 -> the frame there, which the caller may draw on
CROSSFADE_SHARE = 0.07  # of the whole video, between two shots of a sequence
COLLAGE_SHARE = 0.28


def render(specification: RenderSpecification, path: Path) -> None:
    """Write the video to `path`."""
    shot = _shot(specification)
    source = specification.source
    if isinstance(source, ExtensionSource) and source.form == "tail_plus_new":
        tail_frames = sum(1 for _ in input_video.frames(source.video))
        keyframe_distance = unaligned_keyframe_distance(tail_frames)
    else:
        tail_frames, keyframe_distance = 0, KEYFRAME_DISTANCE
    with Mp4Writer(
        path,
        specification.width,
        specification.height,
        audio=specification.audio,
        preset=specification.preset,
        keyframe_distance=keyframe_distance,
    ) as writer:
        if isinstance(source, ExtensionSource) and tail_frames:
            _write_tail(writer, source.video, tail_frames)
        _write_new(writer, specification, shot)


def _write_tail(writer: Mp4Writer, video: Path, frame_count: int) -> None:
    sample_count = frame_count * SAMPLE_RATE_HZ // FRAMES_PER_SECOND
    heard = input_video.sound(video)[:, :sample_count]
    writer.write_audio(np.concatenate([heard, sound.silence(sample_count - heard.shape[1])], axis=1))
    for frame in input_video.frames(video):
        writer.write_frame(frame)


def _write_new(writer: Mp4Writer, specification: RenderSpecification, shot: Shot) -> None:
    width, height, duration = specification.width, specification.height, specification.duration_seconds
    caption, mark = overlay.caption(specification.prompt, width, height), overlay.mark(width, height)
    tone = sound.chord(_generator(specification, "sound"), duration)
    frame_count = duration * FRAMES_PER_SECOND
    for index in range(frame_count):
        if index % FRAMES_PER_SECOND == 0:
            second = index // FRAMES_PER_SECOND
            writer.write_audio(tone[:, second * SAMPLE_RATE_HZ : (second + 1) * SAMPLE_RATE_HZ])
        frame = shot(index / (frame_count - 1))
        if caption is not None:
            caption.draw(frame, overlay.caption_strength(index / FRAMES_PER_SECOND, duration))
        mark.draw(frame)
        writer.write_pixels(frame)


def _generator(specification: RenderSpecification, purpose: str) -> np.random.Generator:
    """An independent source of choices for each purpose, the same for the same specification."""
    return np.random.default_rng(list(hashlib.sha256(f"{specification.style_digest}/{purpose}".encode()).digest()))


def _shot(specification: RenderSpecification) -> Shot:
    width, height = specification.width, specification.height
    size = SceneSize.for_frame(width, height)
    style = _generator(specification, "style")
    tint = camera.choose_tint(style)

    def moving(scene: Pixels, move: camera.CameraMove) -> Shot:
        return lambda progress: camera.shoot(scene, move.at(progress), width, height)

    def of_photo(path: Path) -> Pixels:
        return grade(fit_picture(load_picture(path), size), tint, vignette=0.3)

    match specification.source:
        case TextSource():
            return moving(grade(paint_landscape(style, size), tint, vignette=0.25), camera.choose_move(style))
        case ImageSource(first=first, last=None):
            return moving(of_photo(first), camera.choose_move(style))
        case ImageSource(first=first, last=last) if last is not None:
            # One move for both, so that the change looks like time passing and not like a cut.
            move = camera.choose_move(style)
            return _dissolve(moving(of_photo(first), move), moving(of_photo(last), move), 0.3, 0.7)
        case ReferencesSource(images=images):
            collage = moving(grade(_collage([load_picture(path) for path in images], size), tint, vignette=0.2), camera.choose_move(style))
            singles = [moving(of_photo(path), camera.choose_move(style)) for path in images]
            return _sequence([collage, *singles] if len(images) > 1 else singles)
        case ExtensionSource(video=video):
            picture = overlay.remove_mark(resize(input_video.last_frame(video), width, height))
            return moving(picture, camera.choose_returning_move(style))
        case ImageSource():
            raise AssertionError("an image source has a last picture or none")
        case unknown:
            assert_never(unknown)


def _dissolve(first: Shot, second: Shot, begin: float, end: float) -> Shot:
    """Show `first`, between `begin` and `end` change into `second`."""

    def at(progress: float) -> Pixels:
        share = min(max((progress - begin) / (end - begin), 0.0), 1.0)
        if share <= 0:
            return first(progress)
        if share >= 1:
            return second(progress)
        eased = share * share * (3 - 2 * share)
        return as_pixels(cv2.addWeighted(first(progress), 1 - eased, second(progress), eased, 0))

    return at


def _sequence(shots: Sequence[Shot]) -> Shot:
    """Show the shots one after the other with short dissolves, the first (a collage) a little longer."""
    if len(shots) == 1:
        return shots[0]
    length = (1 - COLLAGE_SHARE) / (len(shots) - 1)
    starts = [0.0, *(COLLAGE_SHARE + length * index for index in range(len(shots) - 1))]
    combined = shots[0]
    for start, shot in zip(starts[1:], shots[1:], strict=True):

        def of_its_own_time(progress: float, shot: Shot = shot, start: float = start) -> Pixels:
            return shot(min(max((progress - start) / length, 0.0), 1.0))

        combined = _dissolve(combined, of_its_own_time, start - CROSSFADE_SHARE / 2, start + CROSSFADE_SHARE / 2)
    return combined


def _collage(pictures: Sequence[Pixels], size: SceneSize) -> Pixels:
    """Put the pictures beside each other (in an upright frame: above each other), on a blurred backdrop of the first."""
    backdrop = as_pixels(cv2.GaussianBlur(fit_picture(pictures[0], SceneSize(size.width // 12, size.height // 12)), (0, 0), 5))
    scene = as_pixels(resize(backdrop, size.width, size.height) * 0.5)
    gap, count = round(min(size.width, size.height) * 0.05), len(pictures)
    across = size.width >= size.height
    cell_width = (size.width - gap * (count + 1)) // count if across else size.width - 2 * gap
    cell_height = size.height - 2 * gap if across else (size.height - gap * (count + 1)) // count
    for index, picture in enumerate(pictures):
        left = gap + index * (cell_width + gap) if across else gap
        top = gap if across else gap + index * (cell_height + gap)
        scene[top : top + cell_height, left : left + cell_width] = fit_picture(picture, SceneSize(cell_width, cell_height))
    return scene
