"""Where a deployment is, and what the description's names are called there. The standard library only: Cloud Build runs this too."""

from dataclasses import dataclass

from infra.access import account_email
from infra.model import Deployment, Service

ZONE_SUFFIX = "b"  # every region has one: https://cloud.google.com/compute/docs/regions-zones


@dataclass(frozen=True)
class Place:
    """A project and a region. `number` is the project's, by which Cloud Run makes URLs and Google names its agents.

    `qdrant_host` is the URL of a Qdrant elsewhere, where ours is not wanted; `billing_account` pays, and has the budget.
    """

    project: str
    region: str
    number: str
    qdrant_host: str | None = None
    billing_account: str | None = None

    @property
    def location(self) -> str:
        """The parent of regional resources."""
        return f"projects/{self.project}/locations/{self.region}"

    @property
    def zone(self) -> str:
        """Where the one virtual machine is."""
        return f"{self.region}-{ZONE_SUFFIX}"

    @property
    def bucket_base(self) -> str:
        """GCS_BUCKET: names of buckets are taken worldwide, and the project's is unique."""
        return f"{self.project}-reelgraph"

    @property
    def registry(self) -> str:
        """The host of the images."""
        return f"{self.region}-docker.pkg.dev"

    def bucket(self, suffix: str) -> str:
        """The bucket of that suffix."""
        return f"{self.bucket_base}-{suffix}"

    def email(self, account: str) -> str:
        """The address of one of our accounts."""
        return account_email(account, self.project)

    def database_user(self, account: str) -> str:
        """What an account is called in Cloud SQL: https://cloud.google.com/sql/docs/postgres/iam-authentication#service-accounts."""
        return self.email(account).removesuffix(".gserviceaccount.com")

    def url(self, service: str) -> str:
        """The URL of a service, known before it exists: https://cloud.google.com/run/docs/triggering/https-request#deterministic."""
        return f"https://{cloud_name(service)}-{self.number}.{self.region}.run.app"

    def origins(self, deployment: Deployment) -> tuple[str, ...]:
        """Whose pages may read and write objects: the canvas comes from the public service."""
        return tuple(self.url(service.name) for service in deployment.services if service.is_public)


def cloud_name(described: Service | str) -> str:
    """A Cloud Run service's name, which has no underscore."""
    return (described if isinstance(described, str) else described.name).replace("_", "-")
