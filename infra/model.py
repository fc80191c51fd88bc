"""The words a deployment is described in: plain frozen values without SDKs and addresses, for Google Cloud and one machine alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from infra.access import Account, ServiceAgent
from infra.foundation import Foundation

Image = Literal["backend", "image_uploaded"]


@dataclass(frozen=True)
class HealthCheck:
    """A service is up when `GET path` answers `status`."""

    path: str
    status: int = 200


@dataclass(frozen=True)
class Service:
    """An HTTP server as Cloud Run runs it: it listens on $HOST:$PORT and leaves on SIGTERM within ten seconds.

    `smoke` is what a new revision answers to its callers before it gets traffic: not `health`, whose paths end in "z", which Google's
    front end keeps for itself (https://cloud.google.com/run/docs/known-issues#ah).

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
    cpu: int = 1
    max_instances: int = 10
    smoke: HealthCheck = HealthCheck("/", 405)


@dataclass(frozen=True)
class Job:
    """A command that runs to its end, as a Cloud Run job does: `max_retries` times more where it fails, each for `timeout_seconds`."""

    name: str
    image: Image
    command: tuple[str, ...]
    environment: tuple[str, ...]
    memory_mib: int
    account: str
    cpu: int = 1
    timeout_seconds: int = 600
    max_retries: int = 0


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
class DeadLetter:
    """Where a message goes that was delivered `max_delivery_attempts` times (5 to 100) and never acknowledged."""

    topic: str
    max_delivery_attempts: int


@dataclass(frozen=True)
class PushSubscription:
    """Messages of a topic, posted to `path` of `service` with an OIDC token of `account` for the service's URL."""

    name: str
    service: str
    path: str
    account: str
    ack_deadline_seconds: int = 60
    min_backoff_seconds: int = 10
    max_backoff_seconds: int = 600
    dead_letter: DeadLetter | None = None


@dataclass(frozen=True)
class PullSubscription:
    """Keeps messages of a topic for `retention_days` for whoever comes to read them."""

    name: str
    retention_days: int = 7


@dataclass(frozen=True)
class TopicSchema:
    """An Avro schema, `path` in the repository, that Pub/Sub holds every message of a topic against, in its JSON encoding."""

    name: str
    path: str


@dataclass(frozen=True)
class Topic:
    """A Pub/Sub topic."""

    name: str
    schema: TopicSchema | None = None
    subscriptions: tuple[PushSubscription | PullSubscription, ...] = ()


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
    cors: CorsRule | None = None
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
    accounts: tuple[Account, ...]
    agents: tuple[ServiceAgent, ...]
    foundation: Foundation

    def service(self, name: str) -> Service:
        """The service of that name. Raises KeyError."""
        return {service.name: service for service in self.services}[name]

    def job(self, name: str) -> Job:
        """The job of that name. Raises KeyError."""
        return {job.name: job for job in self.jobs}[name]

    def account(self, name: str) -> Account:
        """The account of that name. Raises KeyError."""
        return {account.name: account for account in self.accounts}[name]

    def secrets_of(self, described: Service | Job) -> tuple[str, ...]:
        """The settings of a service or job that come from Secret Manager."""
        return tuple(secret.setting for secret in self.foundation.secrets if secret.setting in described.environment)


def worker_callers(deployment: Deployment) -> tuple[str, ...]:
    """The accounts of the services that call the worker."""
    return tuple(
        service.account
        for service in deployment.services
        if any((grant.kind, grant.name) == ("service", "worker") for grant in deployment.account(service.account).grants)
    )
