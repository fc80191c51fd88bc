"""When a queue may dispatch and when a failed task is tried again: arithmetic only, time comes in as an argument."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RetryPolicy:
    """The retry configuration of a queue or a task. `max_attempts` -1 and `max_retry_seconds` 0 mean unlimited."""

    max_attempts: int
    max_retry_seconds: float
    min_backoff_seconds: float
    max_backoff_seconds: float
    max_doublings: int

    def backoff_seconds(self, failures: int) -> float:
        """Return the pause after the `failures`-th failure, counted from 1.

        It doubles `max_doublings` times, then grows by the last step each time, up to the maximum.
        """
        doublings = min(failures - 1, self.max_doublings)
        steps_after_doubling = failures - 1 - doublings
        return min(self.max_backoff_seconds, self.min_backoff_seconds * 2.0**doublings * (1 + steps_after_doubling))

    def gives_up(self, attempts: int, seconds_since_first_attempt: float) -> bool:
        """Whether a task is dropped after `attempts` failed attempts.

        With both limits set, both must be reached (documented at RetryConfig.max_retry_duration).
        """
        if self.max_attempts < 0 and self.max_retry_seconds == 0:
            return False
        attempts_are_used_up = self.max_attempts < 0 or attempts >= self.max_attempts
        return attempts_are_used_up and seconds_since_first_attempt >= self.max_retry_seconds


class TokenBucket:
    """The dispatch rate of one queue: `burst` tokens at most, refilled at `rate` per second. Times are seconds on one monotonic clock."""

    # A queue that its worker refuses is never slower than this many dispatches per second (unless its own rate is).
    SLOWEST_RATE = 1.0

    def __init__(self, rate: float, burst: int, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._slowness = 1.0
        self._tokens = float(burst)
        self._refilled_at = now

    def set_limits(self, rate: float, burst: int, now: float) -> None:
        """Adopt changed limits of the queue from `now` on."""
        self._refill(now)
        self._rate, self._burst = rate, burst

    def available(self, now: float) -> int:
        """Return how many dispatches may start now."""
        self._refill(now)
        return int(self._tokens)

    def take(self) -> None:
        """Spend one token."""
        self._tokens -= 1

    def seconds_until_token(self, now: float) -> float:
        """Return how long until at least one dispatch may start, 0 if it may now."""
        self._refill(now)
        return max(0.0, (1 - self._tokens) / self._effective_rate)

    def worker_refused(self) -> None:
        """Halve rate and burst after an answer 429 or 503.

        The service throttles the whole queue on these two and does not publish how; halving, and doubling back with each other
        answer, shows the effect: one task that answers 503 for "not yet" slows all the others down.
        """
        self._slowness *= 2
        self._slowness = min(self._slowness, max(1.0, self._rate / self.SLOWEST_RATE))
        self._tokens = min(self._tokens, self._effective_burst)

    def worker_answered(self) -> None:
        """Double rate and burst again, up to the configured limits, after any answer but 429 and 503."""
        self._slowness = max(1.0, self._slowness / 2)

    @property
    def _effective_rate(self) -> float:
        return self._rate / self._slowness

    @property
    def _effective_burst(self) -> float:
        return max(1.0, self._burst / self._slowness)

    def _refill(self, now: float) -> None:
        gained = (now - self._refilled_at) * self._effective_rate
        self._tokens = min(self._effective_burst, self._tokens + gained)
        self._refilled_at = now
