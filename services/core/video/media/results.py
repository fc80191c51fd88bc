"""What media operations answer: plain frozen values that travel between the two processes as JSON."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal


@dataclass(frozen=True)
class VideoProbe:
    """What a video file holds, counted rather than believed.

    `frames` is counted from the packets, `duration_seconds` is frames / fps (of uneven frames: the true length). Audio fields are None
    without an audio stream; `audio_duration_seconds` is what is heard, encoder priming and padding excluded as far as the container says.
    """

    duration_seconds: float
    frames: int
    fps: Fraction
    width: int
    height: int
    video_codec: str
    has_audio: bool
    audio_codec: str | None
    audio_sample_rate: int | None
    audio_channels: int | None
    audio_duration_seconds: float | None
    size_bytes: int
    keyframe_times: tuple[float, ...]


@dataclass(frozen=True)
class Picture:
    """A still that was written: its size in pixels and which frame of the video it shows."""

    width: int
    height: int
    frame: int


@dataclass(frozen=True)
class Sprite:
    """One strip of frames side by side: `columns` tiles of `tile_width` x `tile_height` pixels, evenly spaced over the video."""

    columns: int
    tile_width: int
    tile_height: int
    frames: tuple[int, ...]


@dataclass(frozen=True)
class Joined:
    """A video made of parts. `reencoded` says for each part why its pictures were encoded anew, or None where they were copied."""

    frames: int
    fps: Fraction
    duration_seconds: float
    reencoded: tuple[str | None, ...]


@dataclass(frozen=True)
class Tail:
    """The end of a master as its own file: `frames` of it, beginning at the master's frame `first_frame`."""

    frames: int
    fps: Fraction
    duration_seconds: float
    first_frame: int
    reencoded: str | None


@dataclass(frozen=True)
class Appended:
    """A master with its extension.

    `frames` and `duration_seconds` are of the whole; `new_frames` were added and `dropped_frames` of the answer were the tail.
    `reencoded` says why the new pictures were encoded anew, or is None where they were copied.
    """

    frames: int
    fps: Fraction
    duration_seconds: float
    form: Literal["new_only", "tail_plus_new"]
    new_frames: int
    dropped_frames: int
    reencoded: str | None
