"""One AAC track under several parts, as long as the pictures to the sample, so that sound and pictures never drift apart.

The first part's packets are copied. Near its end the track goes over to a new encoding: AAC windows overlap, a packet is only heard
rightly after the packet that its encoder put before it. So the encoder is fed the first part's own last samples before the new ones, and
its packets take over a little before the seam: both sides of the splice describe the same sound, and no click, gap or priming remains.
"""

from __future__ import annotations  # av.Packet is generic for the type checker only

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet

from services.core.video.media.aac import AAC_FRAME_SAMPLES
from services.core.video.media.decode import Samples, samples_from
from services.core.video.media.inventory import Inventory, Sound
from services.core.video.media.source import is_flush, open_video

_BIT_RATE_PER_CHANNEL = 96_000  # transparent for AAC-LC, so that repeated hops do not wear the splice down
_RUN_IN_PACKETS = 8  # 0.17 s at 48 kHz: the encoder has settled before its packets are used
# Where sound breaks off its encoder goes over to short windows, two packets early at most: the splice lies before that.
_PACKETS_BEFORE_END = 3
_SPLICE_CHOICES = 24  # 0.5 s at 48 kHz in which to find a packet with a long slope to continue from


@dataclass(frozen=True)
class SoundSpan:
    """A stretch of sound: `count` samples of `source` from `start` on (seconds after its first frame)."""

    source: Inventory
    start: Fraction
    count: int


@dataclass(frozen=True)
class Soundtrack:
    """The plan of one audio track. `kept_until`: the first part's packets before this sample are copied; None when all is encoded."""

    sample_rate: int
    layout: str
    spans: tuple[SoundSpan, ...]
    kept_until: int | None


def plan_soundtrack(parts: Sequence[tuple[Inventory, Fraction, Fraction]], *, may_keep: bool) -> Soundtrack | None:
    """The track under `parts`, each an inventory with its start and its length in seconds; None when no part has sound.

    Rate and layout are those of the first part that has sound. `may_keep`: the first part begins at its own beginning.
    """
    heard = next((inventory.sound for inventory, _, _ in parts if inventory.sound), None)
    if heard is None:
        return None
    spans: list[SoundSpan] = []
    end, done = Fraction(0), 0
    for inventory, start, length in parts:
        end += length
        samples = round(end * heard.sample_rate)  # from the running total: rounding never adds up
        spans.append(SoundSpan(inventory, start, samples - done))
        done = samples
    layout = heard.layout if heard.layout in ("mono", "stereo") else "stereo"
    kept_until = _splice(parts[0][0], spans[0].count, layout) if may_keep else None
    return Soundtrack(heard.sample_rate, layout, tuple(spans), kept_until)


def add_sound_stream(container: OutputContainer, track: Soundtrack) -> AudioStream:
    """The stream for `track`; to be added before the first packet of any stream is written."""
    stream = container.add_stream("aac", rate=track.sample_rate)
    stream.layout = track.layout
    stream.bit_rate = _BIT_RATE_PER_CHANNEL * (1 if track.layout == "mono" else 2)
    return stream


def sound_packets(track: Soundtrack, stream: AudioStream) -> Iterator[Packet[AudioStream]]:
    """The packets of the track in order, copied ones first, for an opened stream. Raises UnreadableVideo."""
    if track.kept_until is None:
        yield from _encoded(stream, track, 0, 0)
        return
    yield from _copied(stream, track.spans[0].source, track.kept_until)
    run_in = min(_RUN_IN_PACKETS, track.kept_until // AAC_FRAME_SAMPLES)
    begin = track.kept_until - run_in * AAC_FRAME_SAMPLES
    for packet in _encoded(stream, track, begin, begin):
        if packet.pts is not None and packet.pts >= track.kept_until:
            yield packet


def _splice(first: Inventory, seam: int, layout: str) -> int | None:
    """The sample, on the first part's packet grid, from which on packets are encoded anew; None when its packets cannot be continued."""
    sound = first.sound
    if sound is None or not sound.is_spliceable or sound.layout != layout:
        return None
    begin = sound.start - _origin(first, sound)
    latest = (min(seam, sound.end - _origin(first, sound)) - begin) // AAC_FRAME_SAMPLES - _PACKETS_BEFORE_END
    choices = range(latest, max(1, latest - _SPLICE_CHOICES), -1)
    kept = next((count for count in choices if sound.long_slopes[count - 1]), latest)
    splice = begin + kept * AAC_FRAME_SAMPLES
    return splice if splice >= AAC_FRAME_SAMPLES else None


def _copied(stream: AudioStream, first: Inventory, kept_until: int) -> Iterator[Packet[AudioStream]]:
    assert first.sound is not None
    origin = _origin(first, first.sound)
    with open_video(first.path) as container:
        for packet in container.demux(container.streams.audio[0]):
            if is_flush(packet) or packet.pts is None:
                continue
            packet.pts -= origin
            if packet.pts >= kept_until:
                return
            packet.dts = packet.pts
            packet.stream = stream
            yield packet


def _encoded(stream: AudioStream, track: Soundtrack, begin: int, skip: int) -> Iterator[Packet[AudioStream]]:
    """Encode the spans without their first `skip` samples; the first sample is presented at `begin`."""
    position = begin
    time_base = Fraction(1, track.sample_rate)
    for block in _in_packets(_samples(track, skip)):
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout=track.layout)
        frame.sample_rate, frame.pts, frame.time_base = track.sample_rate, position, time_base
        position += block.shape[1]
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _samples(track: Soundtrack, skip: int) -> Iterator[Samples]:
    for span in track.spans:
        skipped = min(skip, span.count)
        skip -= skipped
        if skipped < span.count:
            start = span.start + Fraction(skipped, track.sample_rate)
            yield from samples_from(span.source, start, span.count - skipped, track.sample_rate, track.layout)


def _in_packets(blocks: Iterator[Samples]) -> Iterator[Samples]:
    """The same samples in blocks of one AAC frame; only the last block may be shorter."""
    waiting: Samples | None = None
    for block in blocks:
        waiting = block if waiting is None else np.concatenate((waiting, block), axis=1)
        while waiting.shape[1] >= AAC_FRAME_SAMPLES:
            yield waiting[:, :AAC_FRAME_SAMPLES]
            waiting = waiting[:, AAC_FRAME_SAMPLES:]
    if waiting is not None and waiting.shape[1]:
        yield waiting


def _origin(inventory: Inventory, sound: Sound) -> int:
    """The first video frame's time in samples: the zero of the joined track."""
    return round(inventory.pictures.origin * sound.sample_rate)
