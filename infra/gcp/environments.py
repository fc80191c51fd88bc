"""What each service and job of a deployment is configured with: the values of the settings that its description names."""

from dataclasses import dataclass

from infra.description import EVENTS_TOPIC, QUEUE
from infra.gcp.monitoring import TRACING_ENVIRONMENT
from infra.gcp.place import Place, cloud_name
from infra.model import Deployment, Job, Service, worker_callers

# Settings that a deployment on Google Cloud leaves alone: other addresses than Google's, and behaviour with a good default.
LEFT_ALONE = {
    "ALLOWED_ORIGINS",
    "CANVAS_DIRECTORY",  # the image has it
    "CLOUD_TASKS_ENDPOINT",
    "DATABASE_URL",
    "DB_POOL_SIZE",
    "EVENT_SUBSCRIBERS",
    "FIRESTORE_EMULATOR_HOST",
    "GEMINI_API_KEY",
    "OIDC_CERTS_URL",
    "PROVIDER_DEADLINE_SECONDS",
    "RUN_ENDPOINT",
    "STORAGE_ENDPOINT",
    "VERTEX_ENDPOINT",
}


@dataclass(frozen=True)
class CanvasKey:
    """The public key of the API key that the foundation made."""

    value: str


def values(described: Service | Job, deployment: Deployment, place: Place, canvas_key: CanvasKey) -> dict[str, str]:
    """The settings by name, secrets not among them, as far as `described` names them."""
    database, vectors = deployment.foundation.database, deployment.foundation.vectors
    all_settings = {
        "GOOGLE_CLOUD_PROJECT": place.project,
        "GOOGLE_CLOUD_REGION": place.region,
        "GCS_BUCKET": place.bucket_base,
        "TASKS_QUEUE": QUEUE,
        "SIGNING_ACCOUNT": place.email(described.account) if _signs(described, deployment) else "",
        "INSTANCE_CONNECTION_NAME": f"{place.project}:{place.region}:{database.name}",
        "DB_USER": place.database_user(described.account),
        "DB_NAME": database.database,
        "DB_IP_TYPE": "PRIVATE",
        "EXPORT_JOB": cloud_name("export"),
        "QDRANT_HOST": place.qdrant_host or f"http://{vectors.address}:{vectors.port}",
        "FACE_FUNCTION_URL": place.url("image_uploaded"),
        "WORKER_URL": place.url("worker"),
        "INVOKER_ACCOUNT": place.email("invoker"),
        "CALLER_ACCOUNTS": ",".join(place.email(account) for account in worker_callers(deployment)),
        "EVENTS": "pubsub",
        "EVENTS_TOPIC": EVENTS_TOPIC,
        "LIVE": "firestore",
        "FIREBASE_API_KEY": canvas_key.value,
    }
    named = {name: all_settings[name] for name in described.environment if all_settings.get(name)}
    constants = dict(described.constants) if isinstance(described, Service) else {}
    return named | constants | (dict(TRACING_ENVIRONMENT) if described.image == "backend" else {})


def _signs(described: Service | Job, deployment: Deployment) -> bool:
    grants = deployment.account(described.account).grants
    return any((grant.kind, grant.name) == ("account", described.account) for grant in grants)
