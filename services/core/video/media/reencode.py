"""Encode the pictures of a part anew, so that they can be copied behind another part in one MP4 track."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from services.core.video.media import h264
from services.core.video.media.decode import frames_from
from services.core.video.media.errors import IncompatibleVideo, UnreadableVideo
from services.core.video.media.inventory import Inventory

_CRF = "16"  # visually lossless; only the new part of a hop is encoded, and only once
_PRESET = "fast"
_KEYFRAME_SECONDS = 1  # so that the next hop finds a keyframe at which to cut its tail
_PROFILES = {66: "baseline", 77: "main", 100: "high"}  # profile_idc, ITU-T H.264 annex A
_NO_PICTURE_TYPE = 0  # the source's I, P or B must not be imposed on the encoder
_LARGEST_SET_NUMBER = 31  # seq_parameter_set_id is 0 to 31


@dataclass(frozen=True)
class Encoding:
    """How pictures are encoded so that they fit a track. `set_number` is the number of the parameter sets the encoder writes."""

    width: int
    height: int
    fps: Fraction
    profile: str
    set_number: int

    def codec_options(self) -> dict[str, str]:
        return {
            "preset": _PRESET,
            "crf": _CRF,
            "profile": self.profile,
            "g": str(round(self.fps * _KEYFRAME_SECONDS)),
            # stitchable: headers depend on the settings alone, so each hop writes the same sets and they are declared once.
            "x264-params": f"sps-id={self.set_number}:stitchable=1",
        }


def encoding_beside(sets: h264.ParameterSets | None, source: Inventory, fps: Fraction) -> Encoding | None:
    """Settings for `source` whose parameter sets can be declared beside `sets`, or None where there are none."""
    if source.pictures.width % 2 or source.pictures.height % 2:
        raise IncompatibleVideo("frame_size_odd", f"{_size(source)} cannot be encoded: width and height have to be even.")
    profile = _PROFILES.get(sets.profile, "high") if sets else "high"
    for number in range(_LARGEST_SET_NUMBER + 1):
        encoding = Encoding(source.pictures.width, source.pictures.height, fps, profile, number)
        if sets is None or h264.merge(sets, _announced_sets(encoding, source)):
            return encoding
    return None


def reencode(source: Inventory, first_frame: int, encoding: Encoding, out: Path) -> None:
    """Write the pictures of `source` from `first_frame` on to an MP4 of their own, one frame for each tick of the encoding's rate.

    Raises UnreadableVideo when fewer pictures can be decoded than the file announces.
    """
    start = first_frame / source.pictures.fps
    count = round((source.pictures.duration - start) * encoding.fps)
    with av.open(str(out), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=encoding.fps, options=encoding.codec_options())
        _configure(stream.codec_context, encoding, source)
        container.start_encoding()
        for number, frame in enumerate(on_grid(source, start, count, encoding.fps)):
            picture = frame.reformat(format="yuv420p") if frame.format.name != "yuv420p" else frame
            picture.pts, picture.time_base, picture.pict_type = number, 1 / encoding.fps, _NO_PICTURE_TYPE
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


def on_grid(source: Inventory, start: Fraction, count: int, fps: Fraction) -> Iterator[VideoFrame]:
    """For each of `count` ticks after `start`, the frame that is shown then: repeated or left out where the rates differ."""
    held: VideoFrame | None = None
    written = 0
    last_time = Fraction(0)
    for time, frame in frames_from(source, start):
        while held is not None and written < count and start + (written + Fraction(1, 4)) / fps < time:
            yield held
            written += 1
        held, last_time = frame, time
    # The last frame stays until its own end; a longer gap means that pictures at the end could not be decoded.
    end = last_time + 1 / source.pictures.fps if source.pictures.is_steady else source.pictures.duration
    while held is not None and written < count and start + (written + Fraction(1, 4)) / fps < end:
        yield held
        written += 1
    if written < count:
        raise UnreadableVideo("damaged", f"The video is damaged: {written} of {count} frames could be decoded.")


def _announced_sets(encoding: Encoding, source: Inventory) -> h264.ParameterSets:
    """The parameter sets that the encoder would write, learned by opening it."""
    context = av.CodecContext.create("libx264", "w")
    _configure(context, encoding, source)
    context.framerate, context.time_base = encoding.fps, 1 / encoding.fps
    context.options = encoding.codec_options()
    context.flags |= av.codec.context.Flags.global_header
    context.open()
    return h264.ParameterSets.from_annex_b(context.extradata or b"")


def _configure(context: VideoCodecContext, encoding: Encoding, source: Inventory) -> None:
    context.width, context.height, context.pix_fmt = encoding.width, encoding.height, "yuv420p"
    colours = source.pictures.colours
    context.color_range, context.color_primaries, context.color_trc, context.colorspace = (
        colours.range, colours.primaries, colours.transfer, colours.matrix,
    )  # fmt: skip


def _size(source: Inventory) -> str:
    return f"{source.pictures.width} x {source.pictures.height}"
