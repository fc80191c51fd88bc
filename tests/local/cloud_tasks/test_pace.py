"""The arithmetic of retries and rates."""

import pytest

from infra.local.cloud_tasks.pace import RetryPolicy, TokenBucket


def a_policy(**changes: float) -> RetryPolicy:
    values = {"max_attempts": 5, "max_retry_seconds": 0.0, "min_backoff_seconds": 10.0, "max_backoff_seconds": 300.0, "max_doublings": 3}
    return RetryPolicy(**(values | changes))  # type: ignore[arg-type] # whole numbers are given for the integer fields


def test_backoff_doubles_then_grows_linearly_then_stays_at_the_maximum() -> None:
    # The example in the documentation of RetryConfig.max_doublings.
    assert [a_policy().backoff_seconds(failures) for failures in range(1, 10)] == [10, 20, 40, 80, 160, 240, 300, 300, 300]


def test_backoff_without_doublings_grows_by_the_minimum() -> None:
    assert [a_policy(max_doublings=0).backoff_seconds(failures) for failures in (1, 2, 3)] == [10, 20, 30]


@pytest.mark.parametrize(
    ("limits", "attempts", "elapsed_seconds", "gives_up"),
    [
        ({"max_attempts": 3}, 2, 1e6, False),
        ({"max_attempts": 3}, 3, 0.0, True),
        ({"max_attempts": 3, "max_retry_seconds": 60}, 3, 59.0, False),
        ({"max_attempts": 3, "max_retry_seconds": 60}, 2, 61.0, False),
        ({"max_attempts": 3, "max_retry_seconds": 60}, 3, 60.0, True),
        ({"max_attempts": -1, "max_retry_seconds": 60}, 99, 59.0, False),
        ({"max_attempts": -1, "max_retry_seconds": 60}, 1, 60.0, True),
        ({"max_attempts": -1}, 10**6, 1e9, False),
    ],
)
def test_task_is_given_up_only_when_every_limit_that_is_set_is_reached(
    limits: dict[str, float], attempts: int, elapsed_seconds: float, gives_up: bool
) -> None:
    assert a_policy(**limits).gives_up(attempts, elapsed_seconds) is gives_up


def taken(bucket: TokenBucket, now: float) -> int:
    """Take all that is there and return how much it was."""
    count = bucket.available(now)
    for _ in range(count):
        bucket.take()
    return count


def test_bucket_lets_a_burst_through_and_then_its_rate() -> None:
    bucket = TokenBucket(rate=5, burst=10, now=0)

    assert taken(bucket, now=0) == 10
    assert bucket.seconds_until_token(now=0) == pytest.approx(0.2)
    assert taken(bucket, now=0.1) == 0
    assert taken(bucket, now=1.0) == 5
    assert taken(bucket, now=100.0) == 10


def test_refusals_slow_a_queue_to_one_per_second_and_answers_speed_it_up_again() -> None:
    bucket = TokenBucket(rate=100, burst=20, now=0)
    for _ in range(50):
        bucket.worker_refused()

    assert taken(bucket, now=0) == 1
    assert bucket.seconds_until_token(now=0) == pytest.approx(1.0)

    for _ in range(7):
        bucket.worker_answered()
    assert taken(bucket, now=10) == 20


def test_refusals_do_not_slow_a_queue_that_is_slower_than_one_per_second() -> None:
    bucket = TokenBucket(rate=0.5, burst=10, now=0)
    for _ in range(10):
        bucket.worker_refused()

    assert taken(bucket, now=0) == 10
    assert bucket.seconds_until_token(now=0) == pytest.approx(2.0)
