"""When to look at a job again. Pure; all times of the job machine stand here."""

import zlib
from datetime import datetime, timedelta
from uuid import UUID

EARLY = timedelta(seconds=1)  # clocks differ, and Cloud Tasks may run a little ahead: what is due by then is due
SUBMIT_TIMEOUT = timedelta(seconds=60)  # a submit that takes longer is ambiguous: it may have started
SUBMIT_LEASE = SUBMIT_TIMEOUT + timedelta(seconds=30)
SETTLE_LEASE = timedelta(minutes=5)
SETTLE_ATTEMPTS = 30  # with the delays below about five hours: storage outages end before
SAFETY_RETRIES = 2  # the filter is not deterministic: the same request can pass on a second try
POLL_INTERVAL = timedelta(seconds=10)  # blocks and errors make no object: polling shows them within 10 s
LATE_POLL_INTERVAL = timedelta(seconds=20)
PATIENCE = timedelta(minutes=6)
SAMPLE_POLLS = (timedelta(0), timedelta(seconds=2), timedelta(seconds=4))
"""After one of several samples was finalized the others follow within seconds."""
POLL_LEASE = timedelta(seconds=45)  # longer than a poll may take: while one worker asks, no other does
RECOVERY_INTERVAL = timedelta(seconds=15)
LATE_LOOKS = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
"""When the bucket is searched again after a job ended with an output perhaps still to come: the event that tells of it may be lost."""
UNSENT_PATIENCE = timedelta(hours=6)  # quota returns within minutes, outages end within hours: then a person has to know
LARGEST_SPREAD = timedelta(minutes=1)
PREPARE_INTERVAL = timedelta(seconds=30)
PREPARE_PATIENCE = timedelta(hours=1)
"""How long storage may fail before an extension gives up cutting the tail that it needs."""


def is_due(at: datetime | None, now: datetime) -> bool:
    """Whether what is to be done `at` a time, or at any, may be done now. What comes twice finds that it is not: the first put it off."""
    return at is None or at <= now + EARLY


def next_poll(submitted_at: datetime, now: datetime) -> datetime:
    """When to poll an operation next."""
    return now + (POLL_INTERVAL if now - submitted_at < PATIENCE else LATE_POLL_INTERVAL)


def not_sent_delay(job_id: UUID, attempts: int, told: float | None) -> timedelta:
    """How long a job stays away after a surely unsent submit: as long as the provider said, else 5 s doubling to 5 min.

    Up to a half and at most a minute longer, by its id and the number of the attempt: jobs that were turned away together do not come
    back together.
    """
    seconds = max(2.0, told) if told is not None else min(300.0, 5.0 * 2 ** max(0, attempts - 1))
    return timedelta(seconds=seconds + min(seconds / 2, LARGEST_SPREAD.total_seconds()) * _place(job_id, attempts))


def _place(job_id: UUID, attempts: int) -> float:
    """Somewhere from 0 to 1, the same for the same job and attempt, and unlike that of any other."""
    return zlib.crc32(job_id.bytes + attempts.to_bytes(4, "big")) / 2**32


def next_late_look(ended_at: datetime, now: datetime) -> datetime | None:
    """When to search the bucket next for a job that ended at `ended_at`; None when it was searched often enough."""
    return next((ended_at + look for look in LATE_LOOKS if ended_at + look > now), None)


def settle_delay(attempts: int) -> timedelta:
    """How long to wait after a failed settling: 2 s doubling to 10 min."""
    return timedelta(seconds=min(600, 2**attempts))
