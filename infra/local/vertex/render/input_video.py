"""Reads the video that an extension starts from."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from infra.local.vertex.render.pixels import Pixels
from infra.local.vertex.render.sound import Samples
from infra.local.vertex.render.specification import FRAMES_PER_SECOND, SAMPLE_RATE_HZ


class UnreadableVideoError(Exception):
    """The file is no video that can be decoded."""


@dataclass(frozen=True)
class VideoShape:
    """What the rules ask about an input video, measured on the file itself."""

    duration_seconds: float
    width: int
    height: int


def probe(path: Path) -> VideoShape:
    """Measure a file; UnreadableVideoError where it holds no video."""
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise UnreadableVideoError("the file has no video stream")
            stream = container.streams.video[0]
            if stream.duration is not None and stream.time_base is not None:
                duration = float(stream.duration * stream.time_base)
            else:
                duration = (container.duration or 0) / 1_000_000
            return VideoShape(duration, stream.width, stream.height)
    except av.FFmpegError as error:
        raise UnreadableVideoError("the file cannot be decoded") from error


def frames(path: Path) -> Iterator[av.VideoFrame]:
    """Yield the video at 24 frames a second: frames of another rate are repeated or left out."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        start: float | None = None
        shown: av.VideoFrame | None = None
        due = 0
        for frame in container.decode(stream):
            start = frame.time if start is None else start
            # Half a frame of tolerance: times in the file are rounded.
            while shown is not None and due / FRAMES_PER_SECOND < frame.time - start - 0.5 / FRAMES_PER_SECOND:
                yield shown
                due += 1
            shown = frame
        if shown is not None:
            yield shown


def last_frame(path: Path) -> Pixels:
    """Return the last picture as RGB."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        if container.duration:
            container.seek(max(0, container.duration - 3_000_000))
        picture: av.VideoFrame | None = None
        for frame in container.decode(stream):
            picture = frame
        if picture is None:
            raise UnreadableVideoError("the file has no frames")
        pixels: Pixels = picture.to_ndarray(format="rgb24").astype(np.uint8)
        return pixels


def sound(path: Path) -> Samples:
    """Return the sound as 48 kHz stereo; no samples where the file has none."""
    with av.open(str(path)) as container:
        if not container.streams.audio:
            return np.zeros((2, 0), np.float32)
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=SAMPLE_RATE_HZ)
        blocks = [block.to_ndarray() for frame in container.decode(audio=0) for block in resampler.resample(frame)]
        blocks += [block.to_ndarray() for block in resampler.resample(None)]
        return np.concatenate(blocks, axis=1).astype(np.float32) if blocks else np.zeros((2, 0), np.float32)
