"""What many tests stand on: a real Postgres, migrated once, and an empty database for each test."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import Engine

from infra.local.postgres import Postgres
from services.core.kit.database import Database
from services.migrations.__main__ import upgrade
from services.migrations.tables import METADATA


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A Postgres server of this test process alone."""
    # Not below pytest's own directory, which each new run closes to other users: as root, Postgres runs as one.
    with TemporaryDirectory(prefix="reelgraph-postgres-") as directory:
        server = Postgres(Path(directory) / "data", is_durable=False)
        server.start()
        yield server
        server.stop()


@pytest.fixture(scope="session")
def migrated_engine(postgres: Postgres) -> Iterator[Engine]:
    """An engine on a database that the migrations made."""
    postgres.create_database("reelgraph_test")
    engine = create_engine(postgres.url("reelgraph_test"), pool_size=10, max_overflow=10)
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(migrated_engine: Engine) -> Iterator[Engine]:
    """The migrated database, emptied after the test."""
    yield migrated_engine
    with migrated_engine.begin() as connection:
        # Rows are few: deleting them takes milliseconds, where TRUNCATE makes every table and index anew.
        for table in reversed(METADATA.sorted_tables):
            connection.execute(table.delete())


@pytest.fixture
def database(engine: Engine) -> Database:
    """Units of work on an empty database; nothing is delivered."""
    return Database(engine)
