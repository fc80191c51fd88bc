"""The sound of a simulated video: a soft chord, so that a player, a concat and an ear all have something to work on."""

import numpy as np
from numpy.typing import NDArray

from infra.local.vertex.render.specification import SAMPLE_RATE_HZ

Samples = NDArray[np.float32]  # 2 channels x samples, -1..1
ROOTS_HZ = (110.0, 123.47, 130.81, 146.83, 164.81, 174.61)
CHORDS = ((1.0, 1.5, 2.0, 2.5), (1.0, 1.5, 1.8, 2.4), (1.0, 1.334, 2.0, 2.67), (1.0, 1.5, 2.25, 3.0))


def chord(generator: np.random.Generator, duration_seconds: int) -> Samples:
    """Return `duration_seconds` of a quiet pad that fades in and out."""
    time = np.arange(duration_seconds * SAMPLE_RATE_HZ, dtype=np.float32) / SAMPLE_RATE_HZ
    root = float(generator.choice(ROOTS_HZ))
    intervals = CHORDS[int(generator.integers(len(CHORDS)))]
    channels = np.zeros((2, time.size), np.float32)
    for order, interval in enumerate(intervals):
        sway = 0.75 + 0.25 * np.sin(2 * np.pi * (0.11 + 0.05 * order) * time + float(generator.uniform(0, 6)))
        for channel, detune in enumerate((0.999, 1.001)):
            channels[channel] += np.sin(2 * np.pi * root * interval * detune * time) * sway / (order + 1.6)
    envelope = np.clip(np.minimum(time / 0.6, (duration_seconds - time) / 0.6), 0, 1)
    quiet: Samples = (0.05 * channels * envelope).astype(np.float32)
    return quiet


def silence(sample_count: int) -> Samples:
    """Return stereo silence."""
    return np.zeros((2, sample_count), np.float32)
