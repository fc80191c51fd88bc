"""One transaction is one unit of work: all of it or nothing, and what it told goes out only after it is there."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from services.core.kit.database import Database
from services.core.kit.ids import new_id
from services.core.outbox.model import OutboxRow
from services.core.outbox.rows import add_task
from services.core.projects.model import Project


def names(engine: Engine) -> list[str]:
    """Projects as another connection sees them."""
    with Session(engine) as session:
        return list(session.scalars(select(Project.name)))


def a_project(name: str = "Trailer") -> Project:
    return Project(id=new_id(), name=name, spending_limit_microusd=0)


@pytest.fixture
def delivered(database: Database, engine: Engine) -> list[tuple[list[UUID], list[str]]]:
    """What was handed over for delivery, and which projects were committed by then."""
    handed_over: list[tuple[list[UUID], list[str]]] = []
    database.deliver = lambda ids: handed_over.append((ids, names(engine)))
    return handed_over


def test_a_unit_of_work_is_committed_at_its_end_and_its_objects_stay_readable(database: Database, engine: Engine) -> None:
    with database.unit_of_work() as session:
        project = a_project()
        session.add(project)
        session.flush()
        assert names(engine) == []

    assert names(engine) == ["Trailer"]
    assert (project.name, project.rev) == ("Trailer", 0)


def test_a_unit_of_work_that_fails_leaves_nothing_and_delivers_nothing(database: Database, engine: Engine, delivered: list[Any]) -> None:
    def fail() -> None:
        with database.unit_of_work() as session:
            session.add(a_project())
            add_task(session, "/tasks/admit", {})
            session.flush()
            raise ValueError("half done")

    with pytest.raises(ValueError, match="half done"):
        fail()

    assert names(engine) == []
    assert delivered == []


def test_a_commit_that_fails_delivers_nothing(database: Database, delivered: list[Any]) -> None:
    def collide() -> None:
        with database.unit_of_work() as session:
            add_task(session, "/tasks/admit", {})
            session.add(Project(id=new_id(), name="One", spending_limit_microusd=-1))

    with pytest.raises(SQLAlchemyError):
        collide()

    assert delivered == []


def test_what_was_told_is_delivered_once_after_the_commit_in_order(
    database: Database, engine: Engine, delivered: list[tuple[list[UUID], list[str]]]
) -> None:
    with database.unit_of_work() as session:
        session.add(a_project())
        for path in ("/tasks/first", "/tasks/second"):
            add_task(session, path, {})

    ((ids, seen),) = delivered
    assert seen == ["Trailer"]
    with Session(engine) as session:
        assert [session.get_one(OutboxRow, row_id).payload["path"] for row_id in ids] == ["/tasks/first", "/tasks/second"]


def test_where_nothing_was_told_nobody_is_asked_to_deliver(database: Database, delivered: list[Any]) -> None:
    with database.unit_of_work() as session:
        session.add(a_project())

    assert delivered == []


def test_a_database_is_ready_when_it_answers_and_not_otherwise(database: Database) -> None:
    nowhere = Database(create_engine("postgresql+pg8000://nobody@127.0.0.1:1/none"))

    assert database.is_ready() is True
    with pytest.raises(SQLAlchemyError):
        nowhere.is_ready()
