"""A world whose project has an owner who lets it accept commands."""

from pathlib import Path

import pytest

from services.core.accounts.model import ProjectMember
from services.core.kit.database import Database
from services.core.projects.model import Project
from tests.services.core.jobs.conftest import plain_logs
from tests.services.core.jobs.world import World

__all__ = ["plain_logs"]


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    """The project accepts commands."""
    world = World(database, tmp_path / "buckets")
    with database.unit_of_work() as session:
        session.add(ProjectMember(project_id=world.project_id, user_id=world.user_id, role="owner"))
        session.get_one(Project, world.project_id).accepts_commands = True
    return world
