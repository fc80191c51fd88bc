"""A database with an outbox, a clock that is moved by hand, and settings that name the stand-ins of a test."""

from collections.abc import Callable, Iterator

import pytest
import structlog
from pydantic import SecretStr
from sqlalchemy.engine import Engine

from services.core.kit.database import Database
from services.core.settings import Settings
from tests.emulators import firestore_emulator, pubsub_emulator
from tests.local.cloud_tasks.support import Target
from tests.services.core.projects.canvas import Canvas, HandClock

__all__ = ["firestore_emulator", "pubsub_emulator"]

SettingsMaker = Callable[..., Settings]


@pytest.fixture(autouse=True)
def plain_logs() -> Iterator[None]:
    """One line for each log entry, with the stack as Python prints it: structlog's default draws every local variable, for seconds."""
    structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()])
    yield
    structlog.reset_defaults()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def canvas(database: Database) -> Canvas:
    return Canvas(database)


@pytest.fixture
def target() -> Iterator[Target]:
    """Somebody who is called."""
    listening = Target()
    yield listening
    listening.close()


@pytest.fixture
def make_settings(engine: Engine) -> SettingsMaker:
    """Settings with the fields given, and otherwise such as reach nothing."""

    def make(**fields: object) -> Settings:
        nowhere = "http://127.0.0.1:1"
        known: dict[str, object] = {
            "google_cloud_project": "reelgraph-local",
            "gcs_bucket": "reelgraph-test",
            "database_url": SecretStr(engine.url.render_as_string(hide_password=False)),
            "instance_connection_name": None,
            "qdrant_host": nowhere,
            "face_function_url": nowhere,
            "jwt_secret": SecretStr("a secret of the tests, long enough for HS256"),
            "worker_url": nowhere,
            "invoker_account": "invoker@reelgraph-local.iam.gserviceaccount.com",
        }
        return Settings.model_validate(known | fields)

    return make
