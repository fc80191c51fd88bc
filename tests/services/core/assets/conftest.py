"""Buckets in a storage stand-in, a project to upload into, and settings that lead to both."""

from collections.abc import Iterator

import google.auth
import pytest
from google.cloud.storage import Client
from pydantic import SecretStr

from infra.local.identity import Identity
from services.core.assets.objects import SCOPE, ObjectStore
from services.core.kit.database import Database
from services.core.kit.ids import new_id
from services.core.settings import Settings
from tests.local.cloud_tasks.support import StandIn, stand_in
from tests.services.core.projects.canvas import Canvas, HandClock


@pytest.fixture(scope="session")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Identity]:
    """An identity stand-in that issues access tokens to the client."""
    state = tmp_path_factory.mktemp("identity")
    with stand_in("identity", "--state", str(state)):
        yield Identity.load(state)


@pytest.fixture(scope="session")
def storage(identity: Identity, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    state = tmp_path_factory.mktemp("storage")
    with stand_in("storage", "--state", str(state), "--identity", str(identity.directory)) as running:
        yield running


@pytest.fixture
def settings(storage: StandIn, identity: Identity, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings whose buckets are the test's own."""
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(identity.credentials_path))
    nowhere = "http://127.0.0.1:1"
    settings = Settings(
        google_cloud_project="reelgraph-local",
        gcs_bucket=f"test-{new_id().hex}",
        storage_endpoint=storage.url,
        database_url=SecretStr("postgresql+pg8000://nobody@127.0.0.1:1/none"),
        instance_connection_name=None,
        qdrant_host=nowhere,
        face_function_url=nowhere,
        jwt_secret=SecretStr("a secret of the tests, long enough for HS256"),
        worker_url=nowhere,
        invoker_account="invoker@reelgraph-local.iam.gserviceaccount.com",
    )
    credentials, _ = google.auth.default(scopes=[SCOPE])
    client = Client(project="reelgraph-local", credentials=credentials, client_options={"api_endpoint": storage.url})
    for name in (settings.uploads_bucket, settings.media_bucket):
        client.create_bucket(name, location="us-central1")
    return settings


@pytest.fixture
def store(settings: Settings) -> ObjectStore:
    return ObjectStore(settings)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def canvas(database: Database) -> Canvas:
    return Canvas(database)


@pytest.fixture
def elsewhere(database: Database) -> Canvas:
    """The project of somebody else."""
    return Canvas(database, "Elsewhere")
