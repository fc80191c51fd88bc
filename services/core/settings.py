"""Every setting of the product, read once from the environment when a process starts."""

from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

GOOGLE_CERTS_URL = "https://www.googleapis.com/oauth2/v1/certs"


class SettingsError(Exception):
    """The environment does not describe a service that can start; the message names each missing or wrong variable."""


class Settings(BaseSettings):
    """Environment variables, upper case, explained one by one in `.env.example`.

    Nothing here says "local": a stand-in is reached because an endpoint is set, exactly as a regional endpoint would be.
    Secrets have no default, so a service without them refuses to start.
    """

    model_config = SettingsConfigDict(env_file=None, extra="ignore", frozen=True)

    # Google Cloud
    google_cloud_project: str
    google_cloud_region: str = "us-central1"
    gcs_bucket: str = Field(description="Base name; the product uses {base}-uploads, {base}-renders and {base}-media.")
    storage_endpoint: str | None = None
    cloud_tasks_endpoint: str | None = None
    tasks_queue: str = "reelgraph-jobs"
    run_endpoint: str | None = None
    export_job: str = "export"
    vertex_endpoint: str | None = None
    gemini_api_key: SecretStr | None = None
    signing_account: str | None = Field(default=None, description="Signs URLs through IAM where the credentials hold no key.")

    # Postgres: one of the two
    database_url: SecretStr | None = None
    instance_connection_name: str | None = None
    db_user: str | None = None
    db_name: str = "reelgraph"
    db_ip_type: Literal["PUBLIC", "PRIVATE", "PSC"] = "PRIVATE"
    db_pool_size: int = 5

    # Faces
    qdrant_host: str = Field(description="URL of Qdrant, for example http://10.0.0.5:6333")
    qdrant_api_key: SecretStr | None = None
    face_function_url: str

    # Who may call whom
    jwt_secret: SecretStr
    worker_url: str
    invoker_account: str = Field(description="Service account whose OIDC token Cloud Tasks and Cloud Scheduler present to the worker.")
    caller_accounts: Annotated[tuple[str, ...], NoDecode] = ()
    oidc_certs_url: str = GOOGLE_CERTS_URL
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()

    # How long the provider may take before a job counts as lost: a video takes 11 s to 6 min (reference: Vertex AI, Veo)
    provider_deadline_seconds: int = Field(default=900, ge=10)

    # Where live updates and facts go
    events: Literal["pubsub", "direct"] = "pubsub"
    events_topic: str = "reelgraph-events"
    event_subscribers: Annotated[tuple[str, ...], NoDecode] = ()
    live: Literal["firestore", "ws"] = "firestore"
    firestore_emulator_host: str | None = None
    firebase_api_key: str | None = None

    # The canvas, served by the api on the same origin
    canvas_directory: str | None = None

    @field_validator("allowed_origins", "caller_accounts", "event_subscribers", mode="before")
    @classmethod
    def _split_on_commas(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("jwt_secret")
    @classmethod
    def _secret_is_long(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < 32:
            raise ValueError("needs at least 32 characters; make one with: openssl rand -hex 32")
        return value

    @model_validator(mode="after")
    def _one_database(self) -> Self:
        if (self.database_url is None) == (self.instance_connection_name is None):
            raise ValueError("set exactly one of DATABASE_URL and INSTANCE_CONNECTION_NAME")
        if self.instance_connection_name and not self.db_user:
            raise ValueError("INSTANCE_CONNECTION_NAME needs DB_USER, the IAM database user")
        return self

    @cached_property
    def uploads_bucket(self) -> str:
        """Quarantine: what people upload, as they sent it, until it was inspected."""
        return f"{self.gcs_bucket}-uploads"

    @cached_property
    def renders_bucket(self) -> str:
        """Where the video provider writes; nothing else does."""
        return f"{self.gcs_bucket}-renders"

    @cached_property
    def media_bucket(self) -> str:
        """What we made: inspected pictures, stitched videos, posters, thumbnails."""
        return f"{self.gcs_bucket}-media"


def load_settings() -> Settings:
    """Read the environment; raise SettingsError with one line per problem."""
    try:
        return Settings()
    except ValidationError as error:
        problems = [
            f"  {'_'.join(str(part) for part in problem['loc']).upper() or 'environment'}: {problem['msg']}" for problem in error.errors()
        ]
        raise SettingsError("The service cannot start; see .env.example.\n" + "\n".join(problems)) from None
