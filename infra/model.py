"""The words a deployment is described in: plain frozen values without SDKs and addresses, for Google Cloud and one machine alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Image = Literal["backend", "image_uploaded"]


@dataclass(frozen=True)
class HealthCheck:
    """A service is up when `GET path` answers `status`."""

    path: str
    status: int = 200


@dataclass(frozen=True)
class Service:
    """An HTTP server as Cloud Run runs it: it listens on $HOST:$PORT and leaves on SIGTERM within ten seconds.

    `directory`, relative to the top of the repository, is where `command` runs and, in an image, its working directory. `environment`
    names what is configured at deployment; `constants` are the same everywhere. `account` is the short name of its service account.
    """

    name: str
    image: Image
    command: tuple[str, ...]
    directory: str
    environment: tuple[str, ...]
    health: HealthCheck
    memory_mib: int
    concurrency: int
    timeout_seconds: int
    account: str
    is_public: bool = False
    constants: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Job:
    """A command that runs to its end before a new version serves, as a Cloud Run job does."""

    name: str
    image: Image
    command: tuple[str, ...]
    environment: tuple[str, ...]
    memory_mib: int
    account: str


@dataclass(frozen=True)
class RetryConfig:
    """How a task that was not answered 2xx comes again: the pause doubles `max_doublings` times, then stays."""

    max_attempts: int
    min_backoff_seconds: float
    max_backoff_seconds: float
    max_doublings: int


@dataclass(frozen=True)
class Queue:
    """A Cloud Tasks queue."""

    name: str
    max_dispatches_per_second: float
    max_concurrent_dispatches: int
    retry: RetryConfig


@dataclass(frozen=True)
class PushSubscription:
    """Messages of a topic, posted to `path` of `service` with an OIDC token of `account` for the service's URL."""

    name: str
    service: str
    path: str
    account: str
    ack_deadline_seconds: int = 60


@dataclass(frozen=True)
class Topic:
    """A Pub/Sub topic."""

    name: str
    subscriptions: tuple[PushSubscription, ...] = ()


@dataclass(frozen=True)
class CorsRule:
    """What pages of our own origins may do with a bucket's objects."""

    methods: tuple[str, ...]
    response_headers: tuple[str, ...]
    max_age_seconds: int = 3600


@dataclass(frozen=True)
class Bucket:
    """The bucket `{GCS_BUCKET}-{suffix}`; objects are deleted after `delete_after_days`, None keeps them."""

    suffix: str
    cors: CorsRule
    delete_after_days: int | None = None


@dataclass(frozen=True)
class FinalizeTrigger:
    """Eventarc posts each object that becomes final in a bucket to a service, with an OIDC token of `account`."""

    name: str
    bucket_suffix: str
    service: str
    account: str


@dataclass(frozen=True)
class ScheduledCall:
    """A Cloud Scheduler job: `POST path` of `service` on `schedule` (unix-cron, UTC), with an OIDC token of `account`."""

    name: str
    schedule: str
    service: str
    path: str
    account: str
    attempt_deadline_seconds: int


@dataclass(frozen=True)
class Deployment:
    """Everything that is deployed."""

    services: tuple[Service, ...]
    jobs: tuple[Job, ...]
    queues: tuple[Queue, ...]
    topics: tuple[Topic, ...]
    buckets: tuple[Bucket, ...]
    triggers: tuple[FinalizeTrigger, ...]
    scheduled_calls: tuple[ScheduledCall, ...]

    def service(self, name: str) -> Service:
        """The service of that name. Raises KeyError."""
        return {service.name: service for service in self.services}[name]

    def job(self, name: str) -> Job:
        """The job of that name. Raises KeyError."""
        return {job.name: job for job in self.jobs}[name]
