"""The API over a real Postgres, with a clock that tests move."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Event
from time import monotonic
from typing import Any

import pytest
import structlog
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.engine import Engine

from services.api.app import create_app
from services.core.bootstrap import Container, build_container
from services.core.characters.service import Characters
from services.core.kit.database import Database
from services.core.settings import Settings
from tests.services.api.world import AbsentIndex, MemoryStore, World

PASSWORD = "correct horse battery"


@dataclass
class MovableClock:
    """A clock that stands still until it is moved."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        """Move on by a timedelta given by its keywords, for example `minutes=15`."""
        self.now += timedelta(**duration)


@pytest.fixture(autouse=True)
def plain_logs() -> Iterator[None]:
    """One line for each log entry, with the stack as Python prints it: structlog's default draws every local variable, for seconds."""
    structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()])
    yield
    structlog.reset_defaults()


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def settings(engine: Engine) -> Settings:
    """Settings that owe nothing to the environment of the test run."""
    return Settings(
        google_cloud_project="reelgraph-test",
        gcs_bucket="reelgraph-test",
        database_url=SecretStr(engine.url.render_as_string(hide_password=False)),
        instance_connection_name=None,
        qdrant_host="http://127.0.0.1:1",
        face_function_url="http://127.0.0.1:1",
        jwt_secret=SecretStr("a secret of the tests, long enough for HS256"),
        worker_url="http://worker.test",
        invoker_account="invoker@reelgraph-test.iam.gserviceaccount.com",
        allowed_origins=(),
        live="firestore",
        events="pubsub",
        firestore_emulator_host="127.0.0.1:8721",
        firebase_api_key=None,
        canvas_directory=None,
    )


@pytest.fixture
def container(settings: Settings, clock: MovableClock, database: Database) -> Container:
    """The product as it is wired, on the database of the test; what it tells the outbox stays there, and nothing outside is reached."""
    characters = Characters(database, AbsentIndex(), clock)
    return replace(build_container(settings, clock), database=database, store=MemoryStore(), characters=characters)


@pytest.fixture
def world(container: Container) -> World:
    return World(container)


@pytest.fixture
def app(container: Container) -> FastAPI:
    return create_app(container)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """One event loop for the whole test, so that requests of several threads meet as they do in production."""
    with TestClient(app) as client:
        yield client


@pytest.fixture
def register(client: TestClient) -> Callable[[str], dict[str, Any]]:
    """Registers an e-mail address and returns the answer; the cookie is forgotten, so that tests say which token they send."""

    def register(email: str) -> dict[str, Any]:
        answer = client.post("/api/auth/register", json={"email": email, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        client.cookies.clear()
        document: dict[str, Any] = answer.json()
        return document

    return register


@pytest.fixture
def bearer(register: Callable[[str], dict[str, Any]]) -> Callable[[str], dict[str, str]]:
    """Registers an e-mail address and returns the headers by which it calls."""
    return lambda email: {"Authorization": f"Bearer {register(email)['access_token']}"}


@pytest.fixture
def wait_for_blocked_transaction(engine: Engine) -> Callable[[], None]:
    """Returns once some transaction of the test database waits for another one."""

    def wait() -> None:
        waiting = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        give_up_at = monotonic() + 10
        while monotonic() < give_up_at:
            with engine.connect() as connection:
                if connection.execute(waiting).scalar():
                    return
            Event().wait(0.01)
        pytest.fail("No transaction came to wait for another.")

    return wait
