"""Clips whose frames carry their number and whose sound is one endless tone, so that order, exactness and seams can be proven."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

COLUMNS, ROWS = 4, 3  # of the code: 12 bits, numbers up to 4095
TONE_HERTZ = 430
AMPLITUDE = 0.3
FPS = 24

PROVIDER = {"preset": "ultrafast", "crf": "20", "g": "24", "bf": "2", "x264-params": "scenecut=0:keyint=24:min-keyint=24"}
OTHER_ENCODER = {"preset": "veryfast", "crf": "22", "g": "250", "bf": "3", "refs": "4", "x264-params": "scenecut=0:b-pyramid=normal"}
BASELINE = {"preset": "ultrafast", "profile": "baseline", "g": "250", "x264-params": "scenecut=0"}
ONE_KEYFRAME = {**PROVIDER, "g": "1000", "x264-params": "scenecut=0:keyint=1000:min-keyint=1000"}

Picture = NDArray[np.uint8]
Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Clip:
    """What to write: `frames` frames from number `first` on, and the tone as it sounds at that time; `sample_rate` None is silent."""

    frames: int
    first: int = 0
    width: int = 160
    height: int = 90
    fps: int = FPS
    options: dict[str, str] = field(default_factory=lambda: dict(PROVIDER))
    pixel_format: str = "yuv420p"
    codec: str = "libx264"
    sample_rate: int | None = 48_000
    layout: str = "stereo"
    sound_seconds: float | None = None


def write_clip(path: Path, clip: Clip) -> Path:
    with av.open(str(path), "w") as container:
        video = container.add_stream(clip.codec, rate=clip.fps, options=clip.options)
        assert isinstance(video, av.VideoStream)
        video.width, video.height, video.pix_fmt = clip.width, clip.height, clip.pixel_format
        audio = None
        if clip.sample_rate:
            audio = container.add_stream("aac", rate=clip.sample_rate, options={"aac_coder": "fast"})
            audio.layout, audio.bit_rate = clip.layout, 192_000
        container.start_encoding()
        for number in range(clip.first, clip.first + clip.frames):
            frame = av.VideoFrame.from_ndarray(picture(number, clip.width, clip.height), format="gray8").reformat(format=clip.pixel_format)
            frame.pts, frame.time_base = number - clip.first, Fraction(1, clip.fps)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio and clip.sample_rate:
            seconds = clip.sound_seconds or clip.frames / clip.fps
            start = round(clip.first / clip.fps * clip.sample_rate)
            sound = tone(start, round(seconds * clip.sample_rate), clip.sample_rate)
            channels = len(av.AudioLayout(clip.layout).channels)
            for position in range(0, len(sound), 1024):
                block = np.ascontiguousarray(np.tile(sound[position : position + 1024], (channels, 1)))
                heard = av.AudioFrame.from_ndarray(block, format="fltp", layout=clip.layout)
                heard.sample_rate, heard.pts, heard.time_base = clip.sample_rate, position, Fraction(1, clip.sample_rate)
                container.mux(audio.encode(heard))
            container.mux(audio.encode(None))
    return path


def picture(number: int, width: int, height: int) -> Picture:
    """The number as black and white tiles, bit by bit, on a ground whose grey drifts."""
    image = np.full((height, width), 64 + number % 128, np.uint8)
    for bit in range(COLUMNS * ROWS):
        top, left, bottom, right = _tile(bit, width, height)
        image[top:bottom, left:right] = 235 if number >> bit & 1 else 16
    return image


def number_on(image: Picture) -> int:
    """The number that a decoded grey picture carries."""
    height, width = image.shape
    number = 0
    for bit in range(COLUMNS * ROWS):
        top, left, bottom, right = _tile(bit, width, height)
        number |= int(image[top:bottom, left:right].mean() > 125) << bit
    return number


def tone(start: int, count: int, sample_rate: int) -> Samples:
    return (AMPLITUDE * np.sin(2 * np.pi * TONE_HERTZ * np.arange(start, start + count) / sample_rate)).astype(np.float32)


def pictures(path: Path) -> list[Picture]:
    """Every frame, decoded to grey, in the order of presentation."""
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        return [np.asarray(frame.to_ndarray(format="gray8"), np.uint8) for frame in container.decode(video=0)]


def numbers(path: Path) -> list[int]:
    return [number_on(image) for image in pictures(path)]


def sound(path: Path) -> Samples:
    """Every sample of the first channel, from time 0 on; what the container does not present is left out."""
    with av.open(str(path)) as container:
        rate = container.streams.audio[0].codec_context.sample_rate
        blocks = [(round((frame.time or 0) * rate), frame.to_ndarray()[0]) for frame in container.decode(audio=0)]
    whole = np.zeros(blocks[-1][0] + len(blocks[-1][1]), np.float32)
    for position, block in blocks:
        whole[position : position + len(block)] = block
    return whole


def decoding_times(path: Path) -> dict[str, list[Fraction]]:
    """The dts of every packet, for each kind of stream."""
    times: dict[str, list[Fraction]] = {"video": [], "audio": []}
    with av.open(str(path)) as container:
        for packet in container.demux():
            if packet.dts is not None:
                times[packet.stream.type].append(packet.dts * packet.time_base)
    return times


def difference(one: Sequence[Picture], other: Sequence[Picture]) -> float:
    """The largest mean absolute difference between two frames at the same place, in grey levels."""
    assert len(one) == len(other)
    return max(float(np.abs(a.astype(np.int16) - b.astype(np.int16)).mean()) for a, b in zip(one, other, strict=True))


def _tile(bit: int, width: int, height: int) -> tuple[int, int, int, int]:
    row, column = divmod(bit, COLUMNS)
    tile_height, tile_width = height // ROWS, width // COLUMNS
    return row * tile_height + 4, column * tile_width + 4, (row + 1) * tile_height - 4, (column + 1) * tile_width - 4
