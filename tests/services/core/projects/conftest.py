"""A project to work in, and another that must not notice."""

import pytest

from services.core.kit.database import Database
from tests.services.core.projects.canvas import Canvas


@pytest.fixture
def canvas(database: Database) -> Canvas:
    return Canvas(database)


@pytest.fixture
def elsewhere(database: Database) -> Canvas:
    """The project of somebody else."""
    return Canvas(database, "Elsewhere")
