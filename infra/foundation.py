"""What Google Cloud needs below the services and one machine does not: network, database, vector index, secrets, registry."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Secret:
    """A secret of Secret Manager, made at random by the first deployment, that services read as `setting`."""

    name: str
    setting: str
    is_data: bool = False
    """Whether what is stored cannot be used without it, so that it goes only with the data."""


@dataclass(frozen=True)
class Network:
    """A VPC for what has no public address. Cloud Run reaches it directly (no connector); private Google access, no NAT."""

    name: str
    subnet_range: str
    services_range: str
    """Where Google's own services (Cloud SQL) get their addresses: a /20, by private services access."""


@dataclass(frozen=True)
class Database:
    """Cloud SQL: a private address, IAM users only, daily backups and point-in-time recovery."""

    name: str
    database: str
    version: str
    tier: str
    storage_gib: int
    max_connections: int
    users: tuple[str, ...]
    """Accounts that log in. `owner` among them migrates, and so owns the tables; the others read and write rows."""
    owner: str
    row_role: str
    """The Postgres role of the others, to whom migrations grant the tables."""


@dataclass(frozen=True)
class VectorStore:
    """Qdrant on a small virtual machine of the private network.

    It needs block storage and stays one process, which Cloud Run does not offer; a managed cluster costs more than all else of an
    idle deployment. Its data can be rebuilt from Postgres, so one machine without replicas or backups is enough; a disk of its own
    outlives the machine. Qdrant Cloud instead: `make deploy QDRANT_HOST=https://...`, its key as a version of the secret.
    """

    name: str
    image: str
    machine_type: str
    disk_gib: int
    address: str
    port: int
    secret: str


@dataclass(frozen=True)
class TimeToLive:
    """Firestore deletes documents of a collection group some time after the moment in `field`."""

    collection_group: str
    field: str


@dataclass(frozen=True)
class Foundation:
    """Everything below the services."""

    apis: tuple[str, ...]
    network: Network
    database: Database
    vectors: VectorStore
    secrets: tuple[Secret, ...]
    time_to_live: tuple[TimeToLive, ...]
    repository: str
    mirror: str
    """A registry repository that fetches from Docker Hub: the private network has no way to it."""
    staging: str
    """Suffix of the bucket for what a deployment passes along: source for the build, SQL for the database."""
    monthly_budget: int
    """In the currency of the billing account: who pays is told at half, nine tenths and all of it."""
    canvas_key: str
    """Display name of the API key with which browsers sign in to Firebase. It is public, and works for nothing else."""


FOUNDATION = Foundation(
    apis=tuple(
        f"{name}.googleapis.com"
        for name in (
            "aiplatform",
            "apikeys",
            "artifactregistry",
            "billingbudgets",
            "cloudbuild",
            "cloudresourcemanager",
            "cloudscheduler",
            "cloudtasks",
            "cloudtrace",
            "compute",
            "eventarc",
            "firebaserules",
            "firestore",
            "iam",
            "iamcredentials",
            "identitytoolkit",
            "logging",
            "monitoring",
            "pubsub",
            "run",
            "secretmanager",
            "servicenetworking",
            "sqladmin",
            "storage",
            "telemetry",
        )
    ),
    network=Network("reelgraph", subnet_range="10.80.0.0/24", services_range="10.81.0.0/20"),
    database=Database(
        name="reelgraph",
        database="reelgraph",
        version="POSTGRES_16",
        tier="db-custom-1-3840",
        storage_gib=10,
        max_connections=200,
        users=("api", "worker", "migrate", "export"),
        owner="migrate",
        row_role="reelgraph_rows",
    ),
    vectors=VectorStore(
        name="reelgraph-qdrant",
        image="qdrant/qdrant:v1.20.0",
        machine_type="e2-small",
        disk_gib=10,
        address="10.80.0.10",
        port=6333,
        secret="qdrant-api-key",  # noqa: S106  # a name
    ),
    secrets=(Secret("jwt-secret", "JWT_SECRET"), Secret("qdrant-api-key", "QDRANT_API_KEY")),
    # A net below the sweep, which deletes them after a minute (services/core/outbox/live.py).
    time_to_live=(TimeToLive("live", "expires_at"),),
    repository="reelgraph",
    mirror="docker-hub",
    staging="deploy",
    monthly_budget=200,
    canvas_key="reelgraph-canvas",
)
