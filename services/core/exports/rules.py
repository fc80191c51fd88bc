"""What may become a film, and the times of an export. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from services.core.kit.errors import Invalid

Resolution = Literal["source", "1080p", "4k"]
SHORT_SIDE: dict[Resolution, int | None] = {"source": None, "1080p": 1080, "4k": 2160}
"""Pixels; None keeps what the clips have."""

MOST_CLIPS = 100
LONGEST_SECONDS = 600  # in 4k 3.4 GB at most (media.film), which the job holds in /tmp: on Cloud Run, memory
MOST_AT_ONCE = 3  # in a project

ATTEMPTS = 3
LOOK_INTERVAL = timedelta(seconds=10)
START_TIMEOUT = timedelta(seconds=30)  # a call that takes longer is ambiguous: the execution may have been started
START_PATIENCE = timedelta(minutes=2)
"""How long after its beginning an attempt whose execution nobody knows may still turn up."""
LEASE = timedelta(minutes=1)
HEARTBEAT = timedelta(seconds=2)


@dataclass(frozen=True)
class Clip:
    """One piece of a film: size in pixels."""

    width: int
    height: int
    duration_seconds: float


def check_film(clips: Sequence[Clip], resolution: Resolution) -> None:
    """Raises Invalid where these clips cannot become one film."""
    duration = sum(clip.duration_seconds for clip in clips)
    if duration > LONGEST_SECONDS:
        raise Invalid(
            "film_too_long",
            f"The clips are {duration:.0f} s long together; a film may have {LONGEST_SECONDS} s.",
            "Export it in parts.",
        )
    sizes = {(clip.width, clip.height) for clip in clips}
    if resolution == "source" and len(sizes) > 1:
        listed = ", ".join(f"{width} x {height}" for width, height in sorted(sizes))
        raise Invalid("sizes_differ", f"The clips have different sizes: {listed}.", "Choose 1080p or 4k, which bring them to one size.")


def retry_delay(attempt: int) -> timedelta:
    """How long to wait after the `attempt`-th attempt was lost: 5 s, then 30 s."""
    return timedelta(seconds=5 if attempt <= 1 else 30)
