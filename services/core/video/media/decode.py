"""Decoded pictures and samples of a file from any moment on, placed on the file's own clock."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain

import av.error
import numpy as np
from av.audio.resampler import AudioResampler
from av.container import InputContainer
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from services.core.video.media.inventory import Inventory
from services.core.video.media.source import open_video, seconds, video_stream

Samples = NDArray[np.float32]  # shape (channels, samples)

_AUDIO_RUN_UP = Fraction(1, 2)  # seconds; more than the few AAC frames after which a decoder's output is complete
_SNAP_SAMPLES = 48  # 1 ms: containers round times; a smaller gap is rounding, a larger one is silence


def frames_from(inventory: Inventory, start: Fraction) -> Iterator[tuple[Fraction, VideoFrame]]:
    """Frames from `start` on, each with its time; both in seconds after the first frame of the file. Raises UnreadableVideo."""
    half_a_frame = Fraction(1, 2) / inventory.pictures.fps
    for from_the_beginning in (False, True):
        with open_video(inventory.path) as container:
            stream = video_stream(container)
            stream.thread_type = "AUTO"
            if start > 0 and not from_the_beginning:
                container.seek(int((inventory.pictures.origin + start) / (stream.time_base or 1)), stream=stream)
            is_first = True
            for frame in container.decode(stream):
                time = seconds(frame.pts, frame.time_base) - inventory.pictures.origin
                if is_first and time > start + half_a_frame and not from_the_beginning:
                    break  # the index led too far: decode from the beginning instead
                is_first = False
                if time > start - half_a_frame:
                    yield time, frame
            else:
                return


def samples_from(inventory: Inventory, start: Fraction, count: int, rate: int, layout: str) -> Iterator[Samples]:
    """Exactly `count` samples from `start` on (seconds after the first video frame), as float planes at `rate` and `layout`.

    What the file does not hold (no audio, a gap, an early end) is silence. Raises UnreadableVideo.
    """
    channels = len(av.AudioLayout(layout).channels)
    written = 0
    with open_video(inventory.path) as container:
        for position, block in _blocks(container, inventory, start, rate, layout):
            gap = position - written
            if gap > _SNAP_SAMPLES:
                silence = min(gap, count - written)
                yield np.zeros((channels, silence), np.float32)
                written += silence
            overlap = written - position if position < 0 or gap < -_SNAP_SAMPLES else 0
            piece = block[:, max(0, overlap) : max(0, overlap) + count - written]
            if piece.shape[1]:
                yield piece
                written += piece.shape[1]
            if written >= count:
                return
    yield np.zeros((channels, count - written), np.float32)


def _blocks(container: InputContainer, inventory: Inventory, start: Fraction, rate: int, layout: str) -> Iterator[tuple[int, Samples]]:
    """Decoded blocks with the position of their first sample, counted from `start`; the run-up lies before 0."""
    if inventory.sound is None:
        return
    stream = container.streams.audio[0]
    clock_start = inventory.pictures.origin + start
    if start > _AUDIO_RUN_UP:
        container.seek(int((clock_start - _AUDIO_RUN_UP) / (stream.time_base or 1)), stream=stream)
    # One channel is repeated rather than mixed: FFmpeg would lower it by 3 dB, and a part would be quieter than it was alone.
    copies = len(av.AudioLayout(layout).channels) if inventory.sound.layout == "mono" else 1
    resampler = AudioResampler(format="fltp", layout="mono" if copies > 1 else layout, rate=rate)
    for frame in chain(container.decode(stream), [None]):
        for resampled in resampler.resample(frame):
            position = round((seconds(resampled.pts, resampled.time_base) - clock_start) * rate)
            yield position, np.repeat(resampled.to_ndarray().astype(np.float32, copy=False), copies, axis=0)
