"""Open files that strangers made: only video containers, only from the disk, with errors that name the fault and not the file."""

from __future__ import annotations  # av.Packet is generic for the type checker only

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream

from services.core.video.media.errors import UnreadableVideo

# Without the lists FFmpeg guesses from the content: a playlist named clip.mp4 would make it fetch URLs and open other local files.
_INPUT_OPTIONS = {"format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm", "protocol_whitelist": "file"}


@contextmanager
def open_video(path: Path) -> Iterator[InputContainer]:
    """An MP4, QuickTime, Matroska or WebM file, for reading. Raises UnreadableVideo, also for faults found while it is read."""
    try:
        container = av.open(f"file:{path}", container_options=_INPUT_OPTIONS)
    except FileNotFoundError as error:
        raise UnreadableVideo("missing", "The video is not where it should be.") from error
    except av.error.FFmpegError as error:
        raise _unopened(path) from error
    with container:
        try:
            yield container
        except (av.error.InvalidDataError, av.error.EOFError) as error:
            raise UnreadableVideo("damaged", "The video is damaged: a part of it cannot be read.") from error


def video_stream(container: InputContainer) -> VideoStream:
    """The first moving picture; a cover image does not count. Raises UnreadableVideo."""
    for stream in container.streams.video:
        if not stream.disposition & (Disposition.attached_pic | Disposition.still_image):
            return stream
    raise UnreadableVideo("no_video_stream", "The file holds no moving pictures.")


def seconds(ticks: int | None, time_base: Fraction | None) -> Fraction:
    """Exact seconds of a timestamp. Raises UnreadableVideo when the container left it out."""
    if ticks is None or time_base is None:
        raise UnreadableVideo("damaged", "The video is damaged: a part of it has no time.")
    return ticks * time_base


def is_flush(packet: Packet[Any]) -> bool:
    """Whether this is the empty packet by which PyAV ends a stream."""
    return packet.dts is None and packet.size == 0


def _unopened(path: Path) -> UnreadableVideo:
    with path.open("rb") as file:
        head = file.read(12)
    if head[4:8] == b"ftyp":
        return UnreadableVideo("truncated", "The video is cut off: its index is missing.")
    return UnreadableVideo("not_a_video", "The file is not a video.")
