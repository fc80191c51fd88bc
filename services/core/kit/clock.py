"""Time as an argument: the service reads it from a Clock, tests hand in their own."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns now, aware, in UTC."""


def system_clock() -> datetime:
    """The time of this machine, in UTC."""
    return datetime.now(UTC)
