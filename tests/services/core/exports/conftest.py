"""A world for each test, and logs that take no time."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from services.core.kit.database import Database
from tests.services.core.exports.world import World


@pytest.fixture(autouse=True)
def plain_logs() -> Iterator[None]:
    """One line for each log entry, with the stack as Python prints it."""
    structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()])
    yield
    structlog.reset_defaults()


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return World(database, tmp_path)
