"""Put videos one after the other into one film of a given size: copied where they have it, else scaled frame by frame."""

from __future__ import annotations  # av.Packet is generic for the type checker only

import heapq
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.filter import Graph
from av.packet import Packet
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from services.core.video.media.errors import IncompatibleVideo
from services.core.video.media.inventory import Inventory, take_inventory
from services.core.video.media.join import Part, decoding_time, join, require_whole
from services.core.video.media.reencode import on_grid
from services.core.video.media.results import Joined
from services.core.video.media.soundtrack import add_sound_stream, plan_soundtrack, sound_packets

_CRF = "18"  # of x264: no loss that is seen
_PRESET = "fast"
_KEYFRAME_SECONDS = 2
_LOOKAHEAD_FRAMES = "20"  # each is held uncompressed: 12 MB in 4k
# What players and video sites take without trouble, by the short side: bits a second at most, and buffered (YouTube recommends
# 8 and 35 to 45 Mbit/s for 1080p and 4k: https://support.google.com/youtube/answer/1722171).
_MOST_BITS_PER_SECOND = {1080: 16_000_000, 2160: 45_000_000}

Tell = Callable[[float], None]
"""Hears how much of the work is done, 0 to 1."""


@dataclass(frozen=True)
class _Scaled:
    """A part with the number of frames that it gets in the film."""

    inventory: Inventory
    frames: int


def film(paths: Sequence[Path], short_side: int | None, out: Path, tell: Tell) -> Joined:
    """Write a film of `paths` to `out`, an MP4 with its index in front; pictures and sound end together.

    The first video decides on shape, frame rate and sound format. `short_side` (px) None keeps its size, and then all have to have it;
    otherwise each is scaled to fit (Lanczos) and stands on black where its shape is another. Frames are streamed: memory does not grow
    with the length. Raises IncompatibleVideo (sizes differ, no videos), UnreadableVideo, MediaFailed.
    """
    if not paths:
        raise IncompatibleVideo("nothing_left", "There are no videos to join.")
    parts = [take_inventory(path) for path in paths]
    size = _size(parts[0]) if short_side is None else frame_size(_size(parts[0]), short_side)
    if short_side is None or all(_size(part) == size for part in parts):
        joined = join([Part(part) for part in parts], out)
        tell(1.0)
        return joined
    return _scale(parts, size, out, tell)


def frame_size(first: tuple[int, int], short_side: int) -> tuple[int, int]:
    """Width and height of the shape of `first` whose short side is `short_side`; both even, as H.264 wants them."""
    width, height = first
    long_side = 2 * round(short_side * max(first) / min(first) / 2)
    return (long_side, short_side) if width >= height else (short_side, long_side)


def _size(part: Inventory) -> tuple[int, int]:
    return part.pictures.width, part.pictures.height


def _scale(inventories: Sequence[Inventory], size: tuple[int, int], out: Path, tell: Tell) -> Joined:
    fps = inventories[0].pictures.fps
    parts = [_Scaled(inventory, round(inventory.pictures.duration * fps)) for inventory in inventories]
    frames = sum(part.frames for part in parts)
    track = plan_soundtrack([(part.inventory, Fraction(0), part.frames / fps) for part in parts], may_keep=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".film-") as scratch:
        unfinished = Path(scratch) / "film.mp4"
        with av.open(str(unfinished), "w", format="mp4", container_options={"movflags": "+faststart"}) as container:
            video = container.add_stream("libx264", rate=fps, options=_encoder_options(size, fps))
            _configure(video, size, parts[0].inventory)
            # Every stream exists before the first packet: FFmpeg dies by SIGFPE when one is added later.
            streams: list[Iterator[Packet[Any]]] = []
            if track is not None:
                streams.append(sound_packets(track, add_sound_stream(container, track)))
            container.start_encoding()
            streams.append(_video_packets(video, parts, size, fps, lambda done: tell(done / frames)))
            for packet in heapq.merge(*streams, key=decoding_time):
                container.mux(packet)
        require_whole(take_inventory(unfinished), frames, fps, has_sound=track is not None)
        os.replace(unfinished, out)
    return Joined(frames, fps, float(frames / fps), ("it was scaled",) * len(parts))


def _encoder_options(size: tuple[int, int], fps: Fraction) -> dict[str, str]:
    options = {"preset": _PRESET, "crf": _CRF, "g": str(round(fps * _KEYFRAME_SECONDS)), "rc-lookahead": _LOOKAHEAD_FRAMES}
    most = _MOST_BITS_PER_SECOND.get(min(size))
    return options if most is None else options | {"maxrate": str(most), "bufsize": str(2 * most)}


def _configure(stream: VideoStream, size: tuple[int, int], first: Inventory) -> None:
    context, colours = stream.codec_context, first.pictures.colours
    context.width, context.height, context.pix_fmt = *size, "yuv420p"
    context.color_range, context.color_primaries, context.color_trc, context.colorspace = (
        colours.range, colours.primaries, colours.transfer, colours.matrix,
    )  # fmt: skip


def _video_packets(
    stream: VideoStream, parts: Sequence[_Scaled], size: tuple[int, int], fps: Fraction, tell: Callable[[int], None]
) -> Iterator[Packet[VideoStream]]:
    number = 0
    for part in parts:
        for frame in _fitted(on_grid(part.inventory, Fraction(0), part.frames, fps), size):
            frame.pts, frame.time_base, frame.pict_type = number, 1 / fps, PictureType.NONE
            number += 1
            yield from stream.encode(frame)
            tell(number)
    yield from stream.encode(None)


def _fitted(frames: Iterator[VideoFrame], size: tuple[int, int]) -> Iterator[VideoFrame]:
    """The frames of one part, scaled to fit into `size`, in the middle of black where their shape is another."""
    graph: Graph | None = None
    for frame in frames:
        graph = graph or _fitting(frame, size)
        graph.vpush(frame)
        yield graph.vpull()


def _fitting(frame: VideoFrame, size: tuple[int, int]) -> Graph:
    """Filters that scale frames like `frame`."""
    graph = Graph()
    width, height = size
    graph.link_nodes(
        graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base),
        graph.add("scale", f"w={width}:h={height}:flags=lanczos:force_original_aspect_ratio=decrease:force_divisible_by=2"),
        graph.add("pad", f"w={width}:h={height}:x=(ow-iw)/2:y=(oh-ih)/2"),
        graph.add("setsar", "1"),
        graph.add("format", "pix_fmts=yuv420p"),
        graph.add("buffersink"),
    ).configure()
    return graph
