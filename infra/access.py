"""Who may do what in Google Cloud: one account for each deployable, with the roles that its code needs and no others.

tests/infra/test_grants.py derives from the code what each deployable does, and holds this table against it.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["project", "bucket", "topic", "queue", "secret", "account", "service", "job", "repository", "subscription"]


@dataclass(frozen=True)
class Grant:
    """A role on one resource, by its name in the description; on the project where it has to be. `why` ends the sentence "may"."""

    role: str
    why: str
    kind: Kind = "project"
    name: str = ""


@dataclass(frozen=True)
class Account:
    """A service account of ours. `uses` says what presents it."""

    name: str
    uses: str
    grants: tuple[Grant, ...]


@dataclass(frozen=True)
class ServiceAgent:
    """An account by which one of Google's own services acts in our project: `service-NUMBER@{domain}`, made when `api` is first used."""

    domain: str
    api: str
    grants: tuple[Grant, ...]


# Cloud Tasks and Scheduler, Eventarc and Pub/Sub present its token to what they call.
INVOKER = "invoker"
ID_PREFIX = "reelgraph-"


def account_id(name: str) -> str:
    """The service account's id: 6 to 30 characters, which "api" alone is not."""
    return ID_PREFIX + name.replace("_", "-")


def account_email(name: str, project: str) -> str:
    """The address of the account of that name."""
    return f"{account_id(name)}@{project}.iam.gserviceaccount.com"


def _reads(*secrets: str) -> tuple[Grant, ...]:
    return tuple(Grant("roles/secretmanager.secretAccessor", f"read {secret}", "secret", secret) for secret in secrets)


def _calls(*services: str) -> tuple[Grant, ...]:
    return tuple(Grant("roles/run.invoker", f"call {service}", "service", service) for service in services)


_DATABASE = (
    Grant("roles/cloudsql.client", "connect to the database"),
    Grant("roles/cloudsql.instanceUser", "log in to it as itself"),
)
_TRACES = (Grant("roles/telemetry.tracesWriter", "send traces"),)
# What committing needs: the outbox is drained by whoever committed (services/core/outbox).
_OUTBOX = (
    Grant("roles/cloudtasks.enqueuer", "create tasks", "queue", "reelgraph-jobs"),
    Grant("roles/iam.serviceAccountUser", "let tasks carry the invoker's token", "account", INVOKER),
    Grant("roles/pubsub.publisher", "publish facts", "topic", "reelgraph-events"),
    Grant("roles/datastore.user", "write live documents"),
)

DEPLOYED_AS = ("api", "worker", "image_uploaded", "video_rendered", "pipeline_command", "migrate", "export")

ACCOUNTS = (
    Account(
        "api",
        "the service api",
        (
            *_DATABASE,
            *_OUTBOX,
            *_TRACES,
            *_reads("jwt-secret", "qdrant-api-key"),
            Grant("roles/iam.serviceAccountTokenCreator", "sign URLs and custom tokens as itself", "account", "api"),
            Grant("roles/storage.objectCreator", "begin uploads, never over another", "bucket", "uploads"),
            Grant("roles/storage.objectViewer", "sign URLs that read", "bucket", "media"),
        ),
    ),
    Account(
        "worker",
        "the service worker",
        (
            *_DATABASE,
            *_OUTBOX,
            *_TRACES,
            *_reads("jwt-secret", "qdrant-api-key"),
            Grant("roles/aiplatform.user", "call Veo and Gemini"),
            Grant("roles/run.jobsExecutorWithOverrides", "start executions for a film, and stop them", "job", "export"),
            Grant("roles/run.viewer", "see how they get on", "job", "export"),
            Grant("roles/storage.objectUser", "delete what was inspected or abandoned", "bucket", "uploads"),
            Grant("roles/storage.objectViewer", "read what Veo wrote", "bucket", "renders"),
            Grant("roles/storage.objectUser", "write and delete what it makes", "bucket", "media"),
        ),
    ),
    Account(
        "image_uploaded",
        "the function image_uploaded",
        (
            Grant("roles/storage.objectViewer", "read uploads", "bucket", "uploads"),
            Grant("roles/storage.objectCreator", "write pictures, never over another", "bucket", "media"),
            Grant("roles/storage.objectViewer", "read what an earlier delivery wrote", "bucket", "media"),
            *_calls("worker"),
        ),
    ),
    Account("video_rendered", "the function video_rendered", (*_TRACES, *_calls("worker"))),
    Account(
        "pipeline_command",
        "the function pipeline_command",
        (
            *_TRACES,
            *_calls("worker"),
            Grant("roles/pubsub.publisher", "set bad commands aside, with the reason", "topic", "reelgraph-commands-dead-letter"),
        ),
    ),
    Account("migrate", "the job migrate", (*_DATABASE, *_reads("jwt-secret", "qdrant-api-key"))),
    Account(
        "export",
        "the job export",
        (
            *_DATABASE,
            *_OUTBOX,
            *_TRACES,
            *_reads("jwt-secret", "qdrant-api-key"),
            Grant("roles/storage.objectCreator", "write films, never over another", "bucket", "media"),
            Grant("roles/storage.objectViewer", "read clips", "bucket", "media"),
        ),
    ),
    Account(
        INVOKER,
        "Cloud Tasks, Cloud Scheduler, Eventarc and Pub/Sub push, towards what they call",
        (
            Grant("roles/eventarc.eventReceiver", "receive events of Cloud Storage"),
            *_calls("worker", "image_uploaded", "video_rendered", "pipeline_command"),
        ),
    ),
    Account(
        "deployer",
        "Cloud Build, while it makes and releases a version",
        (
            Grant("roles/logging.logWriter", "write the build's log"),
            Grant("roles/run.developer", "deploy services and jobs, and run the migration"),
            Grant("roles/serviceusage.apiKeysViewer", "look up the canvas' API key"),
            Grant("roles/artifactregistry.writer", "push images", "repository", "reelgraph"),
            Grant("roles/storage.objectViewer", "read the source", "bucket", "deploy"),
            *_calls("worker", "image_uploaded", "video_rendered", "pipeline_command"),
            *(Grant("roles/iam.serviceAccountUser", "deploy what runs as it", "account", name) for name in DEPLOYED_AS),
        ),
    ),
    Account(
        "qdrant",
        "the virtual machine of Qdrant",
        (
            *_reads("qdrant-api-key"),
            Grant("roles/artifactregistry.reader", "pull Qdrant's image", "repository", "docker-hub"),
            Grant("roles/logging.logWriter", "write its log"),
        ),
    ),
)

AGENTS = (
    ServiceAgent(
        "gcp-sa-aiplatform.iam.gserviceaccount.com",
        "aiplatform.googleapis.com",
        (
            Grant("roles/aiplatform.serviceAgent", "be Vertex AI"),
            # Veo's results are written by it, and read where one is extended.
            Grant("roles/storage.objectAdmin", "write what Veo renders", "bucket", "renders"),
        ),
    ),
    ServiceAgent(
        "gs-project-accounts.iam.gserviceaccount.com",
        "storage.googleapis.com",
        # Eventarc makes a topic of its own for each bucket, so a grant on one topic cannot be named beforehand.
        (Grant("roles/pubsub.publisher", "tell Eventarc of objects"),),
    ),
    ServiceAgent(
        "gcp-sa-eventarc.iam.gserviceaccount.com", "eventarc.googleapis.com", (Grant("roles/eventarc.serviceAgent", "be Eventarc"),)
    ),
    ServiceAgent(
        "gcp-sa-pubsub.iam.gserviceaccount.com",
        "pubsub.googleapis.com",
        (
            Grant("roles/pubsub.serviceAgent", "be Pub/Sub"),
            Grant("roles/iam.serviceAccountTokenCreator", "push with the invoker's token", "account", INVOKER),
        ),
    ),
)
