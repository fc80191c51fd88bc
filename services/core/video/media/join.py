"""Join parts of video files into one MP4: pictures copied wherever the format allows, encoded anew where it does not, never resized.

The first part gives size, frame rate and codec parameters. Every frame is given its place on one clock that ticks once a frame, so counts
and times are exact however many parts are joined. The file appears under its name only when it is whole and was counted again.
"""

from __future__ import annotations  # av.Packet is generic for the type checker only

import heapq
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.container import OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from services.core.video.media import h264
from services.core.video.media.errors import IncompatibleVideo, MediaFailed
from services.core.video.media.inventory import Inventory, take_inventory
from services.core.video.media.reencode import encoding_beside, reencode
from services.core.video.media.results import Joined
from services.core.video.media.soundtrack import Soundtrack, add_sound_stream, plan_soundtrack, sound_packets
from services.core.video.media.source import is_flush, open_video, video_stream

MAXIMUM_END_DIFFERENCE = Fraction(40, 1000)  # seconds between the end of sound and of pictures: one frame at 25 fps


@dataclass(frozen=True)
class Part:
    """A file from its frame `first_frame` on."""

    inventory: Inventory
    first_frame: int = 0

    @property
    def frames(self) -> int:
        return self.inventory.pictures.frames - self.first_frame


@dataclass(frozen=True)
class _Copy:
    """Pictures that are copied as they are; `frames` of them from `first_frame` on."""

    inventory: Inventory
    first_frame: int

    @property
    def frames(self) -> int:
        return self.inventory.pictures.frames - self.first_frame

    @property
    def delay(self) -> int:
        """How many frames decoding runs ahead of presentation."""
        numbers = [frame.number - self.first_frame for frame in self.inventory.pictures.coded]
        shown = [number for number in numbers if number >= 0]
        return max(position - number for position, number in enumerate(shown))


def join(parts: Sequence[Part], out: Path) -> Joined:
    """Write `parts` one after the other to `out`, an MP4 with its index in front.

    Raises IncompatibleVideo (sizes differ, nothing left of a part), UnreadableVideo, MediaFailed.
    """
    _require_joinable(parts)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".join-") as scratch:
        copies, sets, reasons = _prepare(parts, Path(scratch))
        fps = copies[0].inventory.pictures.fps
        sources = [
            (part.inventory, part.first_frame / part.inventory.pictures.fps, copy.frames / fps)
            for part, copy in zip(parts, copies, strict=True)
        ]
        track = plan_soundtrack(sources, may_keep=parts[0].first_frame == 0)
        unfinished = Path(scratch) / "joined.mp4"
        _write(copies, sets, track, unfinished)
        frames = sum(copy.frames for copy in copies)
        require_whole(take_inventory(unfinished), frames, fps, has_sound=track is not None)
        os.replace(unfinished, out)
    return Joined(frames, fps, float(frames / fps), tuple(reasons))


def _require_joinable(parts: Sequence[Part]) -> None:
    sizes = [(part.inventory.pictures.width, part.inventory.pictures.height) for part in parts]
    for number, (part, size) in enumerate(zip(parts, sizes, strict=True), start=1):
        if size != sizes[0]:
            raise IncompatibleVideo(
                "size_differs",
                f"Part {number} is {size[0]} x {size[1]}, the first is {sizes[0][0]} x {sizes[0][1]}.",
                "Join videos of one size.",
            )
        if part.frames < 1:
            raise IncompatibleVideo("nothing_left", f"Nothing is left of part {number} after its first {part.first_frame} frames.")


def _prepare(
    parts: Sequence[Part], scratch: Path, *, first_is_copied: bool = True
) -> tuple[list[_Copy], h264.ParameterSets, list[str | None]]:
    """Each part as something to copy, the parameter sets that declare them all, and why a part was encoded anew (None: it was not)."""
    copies: list[_Copy] = []
    reasons: list[str | None] = []
    sets: h264.ParameterSets | None = None
    fps = parts[0].inventory.pictures.fps
    for number, part in enumerate(parts):
        reason = _obstacle(part, fps, sets)
        if number == 0 and not first_is_copied:
            reason = reason or "no other encoding can be declared beside its own"
        copy = _Copy(part.inventory, part.first_frame)
        if reason is not None:
            encoding = encoding_beside(sets, part.inventory, fps)
            if encoding is None:
                return _prepare(parts, scratch, first_is_copied=False)
            encoded = scratch / f"part-{number}.mp4"
            reencode(part.inventory, part.first_frame, encoding, encoded)
            copy = _Copy(take_inventory(encoded), 0)
        copies.append(copy)
        reasons.append(reason)
        sets = _declared(sets, copy)
    if sets is None:
        raise MediaFailed("There is nothing to join.")
    return copies, sets, reasons


def _obstacle(part: Part, fps: Fraction, sets: h264.ParameterSets | None) -> str | None:
    """Why the pictures of a part cannot be copied behind those with `sets`; None when they can."""
    pictures = part.inventory.pictures
    if pictures.parameter_sets is None:
        return f"its {pictures.codec} pictures ({pictures.pixel_format}) cannot be copied into an avc1 track"
    if not pictures.is_steady:
        return "its frames do not follow each other evenly"
    if pictures.fps != fps:
        return f"it has {float(pictures.fps):g} frames a second, the first part {float(fps):g}"
    if part.first_frame not in pictures.entries():
        return f"no keyframe lies at its frame {part.first_frame}"
    if sets is not None and h264.merge(sets, pictures.parameter_sets) is None:
        return "it was encoded with other parameters"
    return None


def _declared(sets: h264.ParameterSets | None, copy: _Copy) -> h264.ParameterSets:
    found = copy.inventory.pictures.parameter_sets
    merged = found if sets is None or found is None else h264.merge(sets, found)
    if merged is None:
        raise MediaFailed("The encoder wrote other parameter sets than it announced.")
    return merged


def _write(copies: Sequence[_Copy], sets: h264.ParameterSets, track: Soundtrack | None, out: Path) -> None:
    with av.open(str(out), "w", format="mp4", container_options={"movflags": "+faststart"}) as container:
        video = _add_video_stream(container, copies[0], sets)
        # Every stream exists before the first packet: FFmpeg dies by SIGFPE when one is added later.
        streams: list[Iterator[Packet[Any]]] = []
        if track is not None:
            streams.append(sound_packets(track, add_sound_stream(container, track)))
        container.start_encoding()
        streams.append(_video_packets(copies, video))
        for packet in heapq.merge(*streams, key=decoding_time):
            container.mux(packet)


def _add_video_stream(container: OutputContainer, first: _Copy, sets: h264.ParameterSets) -> VideoStream:
    with open_video(first.inventory.path) as source:
        stream = container.add_stream_from_template(video_stream(source))
    stream.codec_context.extradata = sets.avcc()
    stream.time_base = 1 / first.inventory.pictures.fps  # the muxer multiplies it: one frame stays a whole number of ticks
    return stream


def _video_packets(copies: Sequence[_Copy], stream: VideoStream) -> Iterator[Packet[VideoStream]]:
    """All pictures, timed in frames: shown from 0 on without a gap, decoded at an even pace just early enough for every part."""
    fps = copies[0].inventory.pictures.fps
    delay = max(copy.delay for copy in copies)
    position = offset = 0
    for copy in copies:
        with open_video(copy.inventory.path) as source:
            packets = (packet for packet in source.demux(video_stream(source)) if not is_flush(packet))
            for frame, packet in zip(copy.inventory.pictures.coded, packets, strict=True):
                if frame.number < copy.first_frame:
                    continue
                packet.pts, packet.dts, packet.duration = offset + frame.number - copy.first_frame, position - delay, 1
                packet.time_base = 1 / fps
                packet.stream = stream
                position += 1
                yield packet
        offset += copy.frames


def decoding_time(packet: Packet[Any]) -> float:
    return float((packet.dts or 0) * packet.time_base)


def require_whole(written: Inventory, frames: int, fps: Fraction, *, has_sound: bool) -> None:
    """Count what was written: a fault of ours must not become somebody's take."""
    pictures = written.pictures
    if (pictures.frames, pictures.fps, pictures.is_steady) != (frames, fps, True):
        raise MediaFailed(f"The joined video has {pictures.frames} frames at {pictures.fps} a second instead of {frames} at {fps}.")
    if (written.sound is not None) != has_sound:
        raise MediaFailed("The joined video has lost its sound.")
    if written.sound and abs(written.sound.heard_seconds - pictures.duration) > MAXIMUM_END_DIFFERENCE:
        raise MediaFailed(f"Sound ends at {float(written.sound.heard_seconds):.3f} s, pictures at {float(pictures.duration):.3f} s.")
