"""Google Cloud's list prices in us-central1 (Iowa), US dollars, with where each was read. Veo's and Gemini's are the catalogue's."""

from dataclasses import dataclass

SEEN = "2026-11-23"
"""When the stored copies of Google's pages were read."""


@dataclass(frozen=True)
class Price:
    """`usd` for each `per` units beyond the `free` ones of a month. `seen` None: not found on a page of Google's own, and so unverified."""

    usd: float
    per: float
    unit: str
    source: str
    seen: str | None = SEEN
    free: float = 0.0

    def of(self, units: float) -> float:
        """What a month with that many units costs."""
        return max(0.0, units - self.free) / self.per * self.usd


MILLION = 1e6
GIB = 2**30
TIB = 2**40
DAYS = 30.4  # of a month
HOURS = 24 * DAYS
SECONDS = 3600 * HOURS
MINUTES = 60 * HOURS

_RUN = "https://cloud.google.com/run/pricing"
# Billing by request, tier 1: while a request is under way.
RUN_CPU = Price(0.000024, 1, "vCPU-second", _RUN, free=180_000)
RUN_MEMORY = Price(0.0000025, 1, "GiB-second", _RUN, seen=None, free=360_000)
RUN_REQUESTS = Price(0.40, MILLION, "request", _RUN, seen=None, free=2 * MILLION)
RUN_JOB_CPU = Price(0.000018, 1, "vCPU-second", _RUN, free=240_000)
RUN_JOB_MEMORY = Price(0.000002, 1, "GiB-second", _RUN, seen=None, free=450_000)

_SQL = "https://cloud.google.com/sql/pricing"
SQL_CPU = Price(0.0413, 1, "vCPU-hour", _SQL, seen=None)
SQL_MEMORY = Price(0.0070, 1, "GiB-hour", _SQL, seen=None)
SQL_STORAGE = Price(0.17, 1, "GiB-month", _SQL, seen=None)
SQL_BACKUP = Price(0.08, 1, "GiB-month", _SQL, seen=None)

_FIRESTORE = "https://cloud.google.com/firestore/pricing"
# The free quota (read on that page) is a day's; a month's is counted as if each day were alike.
FIRESTORE_READS = Price(0.03, 100_000, "read", _FIRESTORE, seen=None, free=50_000 * DAYS)
FIRESTORE_WRITES = Price(0.09, 100_000, "write", _FIRESTORE, seen=None, free=20_000 * DAYS)
FIRESTORE_DELETES = Price(0.01, 100_000, "delete", _FIRESTORE, seen=None, free=20_000 * DAYS)

PUBSUB = Price(40.0, TIB, "B", "https://cloud.google.com/pubsub/pricing", free=10e9)
PUBSUB_MINIMUM_BYTES = 1000  # of each request, on the same page
TASKS = Price(0.40, MILLION, "operation", "https://cloud.google.com/tasks/docs/pricing", free=MILLION)
SCHEDULER = Price(0.10, 1, "job", "https://cloud.google.com/scheduler/pricing", free=3)

_STORAGE = "https://cloud.google.com/storage/pricing"
STORAGE = Price(0.020, 1, "GiB-month", _STORAGE)
STORAGE_CLASS_A = Price(0.005, 1000, "operation", "https://cloud.google.com/storage/pricing-examples")
STORAGE_CLASS_B = Price(0.0004, 1000, "operation", "https://cloud.google.com/storage/pricing-examples")
# To the Americas and EMEA, the first TiB's price for all of it; beyond 1 TiB and 10 TiB it is less.
EGRESS = Price(0.12, 1, "GiB", "https://cloud.google.com/storage/pricing-examples")
RUN_EGRESS = Price(0.12, 1, "GiB", _RUN, seen=None, free=1)

_COMPUTE = "https://cloud.google.com/compute/vm-instance-pricing"
MACHINES = {"e2-small": Price(0.016751, 1, "hour", _COMPUTE, seen=None)}
BALANCED_DISK = Price(0.10, 1, "GiB-month", "https://cloud.google.com/compute/disks-image-pricing", seen=None)
STANDARD_DISK = Price(0.04, 1, "GiB-month", "https://cloud.google.com/compute/disks-image-pricing", seen=None)

_SECRETS = "https://cloud.google.com/secret-manager/pricing"
SECRET_VERSIONS = Price(0.06, 1, "version", _SECRETS, free=6)
SECRET_ACCESSES = Price(0.03, 10_000, "access", _SECRETS, free=10_000)
_OBSERVABILITY = "https://cloud.google.com/stackdriver/pricing"
LOGS = Price(0.50, 1, "GiB", _OBSERVABILITY, free=50)
TRACES = Price(0.20, MILLION, "span", _OBSERVABILITY, free=2.5 * MILLION)
REGISTRY = Price(0.10, 1, "GiB-month", "https://cloud.google.com/artifact-registry/pricing", free=0.5)
BUILD = Price(0.006, 1, "minute", "https://cloud.google.com/build/pricing", seen=None, free=2500)
EVENTARC = Price(0.0, MILLION, "event", "https://cloud.google.com/eventarc/pricing", seen=None)  # those of Google's own services
