"""People and projects in an empty database."""

from collections.abc import Callable
from uuid import UUID

import pytest

from services.core.accounts.model import ProjectMember, User
from services.core.kit.database import Database
from services.core.kit.ids import new_id
from services.core.projects.model import Project


@pytest.fixture
def a_user(database: Database) -> Callable[[], UUID]:
    """Adds a person and returns the id."""

    def add() -> UUID:
        user_id = new_id()
        with database.unit_of_work() as session:
            session.add(User(id=user_id, email=f"{user_id}@example.com", display_name="Somebody", password_hash="none"))
        return user_id

    return add


@pytest.fixture
def a_project(database: Database) -> Callable[..., UUID]:
    """Adds a project with members given by their role, for example `a_project(owner=ada)`, and returns its id."""

    def add(**members: UUID) -> UUID:
        project = Project(id=new_id(), name="Trailer", spending_limit_microusd=0)
        with database.unit_of_work() as session:
            session.add(project)
            session.flush()
            session.add_all(ProjectMember(project_id=project.id, user_id=user_id, role=role) for role, user_id in members.items())
        return project.id

    return add
