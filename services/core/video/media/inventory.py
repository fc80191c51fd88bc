"""What a file holds, packet by packet: the ground on which every cut and join is decided."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream

from services.core.video.media import h264
from services.core.video.media.aac import AAC_FRAME_SAMPLES, ends_in_long_slope, is_low_complexity
from services.core.video.media.errors import UnreadableVideo
from services.core.video.media.source import is_flush, open_video, seconds, video_stream


@dataclass(frozen=True)
class CodedFrame:
    """One picture, in decoding order. `number` is its place in presentation order, from 0; `is_entry` means decoding can begin here."""

    number: int
    is_keyframe: bool
    is_entry: bool


@dataclass(frozen=True)
class Colours:
    """How sample values become light: FFmpeg's numbers, to be handed on as they are."""

    range: int
    primaries: int
    transfer: int
    matrix: int


@dataclass(frozen=True)
class Pictures:
    """The video stream.

    `duration` in seconds is frames / fps or, where frames are uneven, reaches to the end of the last one; `origin` is when the first
    frame is shown, in seconds of the container's clock. `parameter_sets` is None when the stream cannot be copied into an MP4 track at
    all; `is_steady` says that every frame lies on the grid of `fps` and none is hidden by an edit list.
    """

    codec: str
    width: int
    height: int
    pixel_format: str
    colours: Colours
    fps: Fraction
    duration: Fraction
    origin: Fraction
    coded: tuple[CodedFrame, ...]
    is_steady: bool
    parameter_sets: h264.ParameterSets | None

    @property
    def frames(self) -> int:
        return len(self.coded)

    def entries(self) -> tuple[int, ...]:
        """Frames at which a copy can begin, in ascending order: nothing before them in decoding order is shown after them, or reversed."""
        found: list[int] = []
        latest_before = -1
        earliest_after = _running_minimum([frame.number for frame in self.coded])
        for position, frame in enumerate(self.coded):
            if frame.is_entry and latest_before < frame.number <= earliest_after[position]:
                found.append(frame.number)
            latest_before = max(latest_before, frame.number)
        return tuple(found)


@dataclass(frozen=True)
class Sound:
    """The audio stream. `start` and `end` are in samples of the container's clock, `end` excludes padding as far as the container says.

    `is_spliceable`: AAC-LC in packets of 1024 samples without gaps, so that another encoder's packets can continue it;
    `long_slopes` says for each of its packets whether its window ends in a long slope.
    """

    codec: str
    sample_rate: int
    channels: int
    layout: str
    start: int
    end: int
    heard_seconds: Fraction
    is_spliceable: bool
    long_slopes: tuple[bool, ...]


@dataclass(frozen=True)
class Inventory:
    """Everything that joins and cuts need to know about a file."""

    path: Path
    size_bytes: int
    pictures: Pictures
    sound: Sound | None


@dataclass(frozen=True)
class _Seen:
    """What is kept of one video packet while a file is read."""

    pts: int
    duration: int
    is_keyframe: bool
    is_hidden: bool
    is_entry: bool
    has_foreign_sets: bool


@dataclass(frozen=True)
class _Heard:
    """What is kept of one audio packet."""

    pts: int
    duration: int
    is_hidden: bool
    has_long_slope: bool


def take_inventory(path: Path) -> Inventory:
    """Read every packet of a file once, without decoding. Raises UnreadableVideo."""
    with open_video(path) as container:
        video = video_stream(container)
        audio = container.streams.audio[0] if container.streams.audio else None
        sets = _parameter_sets(video)
        seen, heard = _read_packets(container, video, audio, sets)
        if len(seen) < video.frames:
            raise UnreadableVideo("truncated", f"The video is cut off: {len(seen)} of {video.frames} frames are there.")
        return Inventory(path, path.stat().st_size, _pictures(video, seen, sets), _sound(audio, heard) if audio and heard else None)


def _read_packets(
    container: InputContainer, video: VideoStream, audio: AudioStream | None, sets: h264.ParameterSets | None
) -> tuple[list[_Seen], list[_Heard]]:
    seen: list[_Seen] = []
    heard: list[_Heard] = []
    declared = set(sets.numbered().values()) if sets else set()
    for packet in container.demux([stream for stream in (video, audio) if stream is not None]):
        if is_flush(packet):
            continue
        if packet.is_corrupt:
            raise UnreadableVideo("truncated", "The video is cut off in the middle of a frame.")
        pts = packet.pts if packet.pts is not None else packet.dts
        if pts is None:
            raise UnreadableVideo("damaged", "The video is damaged: a part of it has no time.")
        if packet.stream_index != video.index:
            heard.append(_Heard(pts, packet.duration or 0, packet.is_discard, ends_in_long_slope(bytes(packet))))
            continue
        kinds: set[int] = set()
        foreign = False
        if sets:
            for unit in h264.units(bytes(packet), sets.length_size):
                kinds.add(unit[0] & 0x1F)
                foreign |= unit[0] & 0x1F in (h264.NAL_SPS, h264.NAL_PPS) and unit not in declared
        is_entry = packet.is_keyframe and h264.NAL_IDR in kinds
        seen.append(_Seen(pts, packet.duration or 0, packet.is_keyframe, packet.is_discard, is_entry, foreign))
    return seen, heard


def _parameter_sets(video: VideoStream) -> h264.ParameterSets | None:
    if video.codec_context.name != "h264" or video.codec_context.pix_fmt != "yuv420p" or not video.codec_context.extradata:
        return None
    try:
        return h264.ParameterSets.from_avcc(video.codec_context.extradata)
    except h264.MalformedParameterSets:
        return None  # parameter sets travel in the stream, as in MPEG-TS: to be encoded anew, not copied


def _pictures(video: VideoStream, seen: list[_Seen], sets: h264.ParameterSets | None) -> Pictures:
    time_base = video.time_base or Fraction(1, 1_000_000)
    in_order = sorted((item.pts, item.duration) for item in seen if not item.is_hidden)
    if not in_order:
        raise UnreadableVideo("no_video_stream", "The file holds no moving pictures.")
    shown = [pts for pts, _ in in_order]
    fps, on_grid = _frame_rate(video, shown, time_base)
    last_lasts = in_order[-1][1] * time_base or 1 / fps
    numbers = {pts: number for number, pts in enumerate(shown)}
    coded = tuple(CodedFrame(numbers[item.pts], item.is_keyframe, item.is_entry) for item in seen if not item.is_hidden)
    copyable = not any(item.has_foreign_sets for item in seen)
    return Pictures(
        codec=video.codec_context.name,
        width=video.codec_context.width,
        height=video.codec_context.height,
        pixel_format=video.codec_context.pix_fmt or "unknown",
        colours=_colours(video),
        fps=fps,
        duration=len(shown) / fps if on_grid else (shown[-1] - shown[0]) * time_base + last_lasts,
        origin=shown[0] * time_base,
        coded=coded,
        is_steady=on_grid and len(numbers) == len(seen),
        parameter_sets=sets if copyable else None,
    )


def _colours(video: VideoStream) -> Colours:
    context = video.codec_context
    return Colours(context.color_range, context.color_primaries, context.color_trc, context.colorspace)


def _frame_rate(video: VideoStream, shown: list[int], time_base: Fraction) -> tuple[Fraction, bool]:
    """The rate on whose grid all frames lie, to within a tick and a half, and True; else the average and False."""
    average = Fraction(len(shown) - 1, 1) / ((shown[-1] - shown[0]) * time_base) if shown[-1] > shown[0] else None
    candidates = [rate for rate in (video.average_rate, video.guessed_rate, average and average.limit_denominator(1001)) if rate]
    for rate in candidates:
        frame_ticks = float(1 / (rate * time_base))
        if all(abs(pts - shown[0] - number * frame_ticks) <= 1.5 for number, pts in enumerate(shown)):
            return rate, True
    if not candidates:
        raise UnreadableVideo("damaged", "The video is damaged: it has no frame rate.")
    return candidates[0], False


def _sound(audio: AudioStream, heard: list[_Heard]) -> Sound:
    context = audio.codec_context
    rate = context.sample_rate
    scale = (audio.time_base or Fraction(1, rate)) * rate
    is_regular = all(later.pts - earlier.pts == earlier.duration == AAC_FRAME_SAMPLES for earlier, later in pairwise(heard))
    return Sound(
        codec=context.name,
        sample_rate=rate,
        channels=context.channels,
        layout=context.layout.name,
        start=round(heard[0].pts * scale),
        end=round((heard[-1].pts + heard[-1].duration) * scale),
        heard_seconds=seconds(sum(item.duration for item in heard if not item.is_hidden), audio.time_base),
        is_spliceable=scale == 1 and is_regular and context.name == "aac" and is_low_complexity(context.extradata, rate, context.channels),
        long_slopes=tuple(item.has_long_slope for item in heard),
    )


def _running_minimum(numbers: list[int]) -> list[int]:
    """For each position, the smallest number from there to the end."""
    minimum = len(numbers)
    result: list[int] = []
    for number in reversed(numbers):
        minimum = min(minimum, number)
        result.append(minimum)
    return result[::-1]
