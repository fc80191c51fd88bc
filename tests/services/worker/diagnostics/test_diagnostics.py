"""What the worker tells the doctor: counts and ages, to the invoker alone, and it changes nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from infra.local.identity import Identity
from services.core.bootstrap import Container
from services.core.characters.index import IndexUnavailable
from services.core.jobs.model import Job
from services.core.kit.database import Database
from services.core.kit.ids import new_id
from services.core.kit.migrations import Migrations, find_migrations
from services.core.outbox.model import OutboxRow
from services.core.projects.model import Node, Project
from tests.services.api.world import Person, World
from tests.services.worker.test_app import INVOKER, WORKER, MovableClock, RecordingIndex

Ask = Callable[[], dict[str, Any]]


@pytest.fixture
def ask(client: TestClient, identity: Identity, index: RecordingIndex, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Asks as the invoker; the index holds no face."""
    monkeypatch.setattr(index, "count", lambda: 0)
    headers = {"Authorization": f"Bearer {identity.id_token(INVOKER, WORKER)}"}

    def diagnostics() -> dict[str, Any]:
        answer = client.get("/diagnostics", headers=headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return diagnostics


def add(database: Database, *rows: object) -> None:
    with database.unit_of_work() as session:
        session.add_all(rows)


@pytest.mark.parametrize("account", [None, "somebody@example.com"])
def test_answers_the_invoker_alone(client: TestClient, identity: Identity, account: str | None) -> None:
    headers = {"Authorization": f"Bearer {identity.id_token(account, WORKER)}"} if account else {}

    assert client.get("/diagnostics", headers=headers).status_code == (403 if account else 401)
    assert client.post("/tasks/reindex-faces", headers=headers).status_code == (403 if account else 401)


def test_nothing_waits_in_an_empty_deployment(ask: Ask) -> None:
    found = ask()

    assert found["migrations"]["current"] == found["migrations"]["newest"] != ""
    assert {name: value for name, value in found.items() if name != "migrations"} == {
        "outbox": {},
        "jobs": {},
        "neglected_seconds": 0.0,
        "live": "firestore",
        "events": "pubsub",
        "revision": None,
        "faces": {"believed": 0, "indexed": 0},
    }


def test_effects_that_wait_are_counted_by_where_they_go(ask: Ask, database: Database, clock: MovableClock) -> None:
    long_ago, later = clock.now - timedelta(seconds=300), clock.now + timedelta(seconds=40)
    payload = {"kind": "project"}
    add(
        database,
        OutboxRow(id=new_id(), destination="live", payload=payload, created_at=long_ago, not_before=later, attempts=7, last_error="away"),
        OutboxRow(id=new_id(), destination="live", payload=payload, created_at=clock.now, not_before=clock.now),
        OutboxRow(id=new_id(), destination="tasks", payload=payload, created_at=clock.now, not_before=clock.now),
    )

    found = ask()

    assert found["outbox"] == {
        "live": {"rows": 2, "oldest_seconds": 300.0, "attempts": 7, "reason": "away"},
        "tasks": {"rows": 1, "oldest_seconds": 0.0, "attempts": 0, "reason": None},
    }
    assert found["neglected_seconds"] == 0.0  # the old row was tried, and is to be tried again


def test_what_the_sweep_left_undone_says_since_when_it_did_not_come(
    ask: Ask, database: Database, clock: MovableClock, world: World, ada: Person, project_id: UUID
) -> None:
    node_id = world.node(project_id, ada, "video", prompt="a")
    with database.unit_of_work() as session:
        session.get_one(Node, node_id).live_until = clock.now - timedelta(seconds=90)
    assert ask()["neglected_seconds"] == 90.0

    due = clock.now - timedelta(seconds=200)
    add(database, OutboxRow(id=new_id(), destination="events", payload={}, created_at=due, not_before=due))

    assert ask()["neglected_seconds"] == 200.0


def test_jobs_are_counted_by_state_until_they_end(
    ask: Ask, database: Database, clock: MovableClock, world: World, ada: Person, project_id: UUID
) -> None:
    _, polled = world.run(project_id, ada, world.node(project_id, ada, "video", prompt="a"))
    _, ended = world.run(project_id, ada, world.node(project_id, ada, "video", prompt="b"))
    with database.unit_of_work() as session:
        job = session.get_one(Job, polled)
        job.state, job.operation_name = "polling", "operations/1"
        job.submitted_at, job.next_check_at = clock.now - timedelta(seconds=400), clock.now - timedelta(seconds=120)
        session.get_one(Job, ended).state = "succeeded"

    assert ask()["jobs"] == {"polling": {"jobs": 1, "oldest_seconds": 400.0, "overdue_seconds": 120.0}}


def test_the_project_that_was_projected_last_is_named(ask: Ask, database: Database, clock: MovableClock, project_id: UUID) -> None:
    with database.unit_of_work() as session:
        project = session.get_one(Project, project_id)
        project.rev, project.live_rev_written_at = 12, clock.now - timedelta(seconds=30)

    assert ask()["revision"] == {"project_id": str(project_id), "rev": 12, "written_seconds_ago": 30.0}


def test_an_index_that_is_away_is_no_failure_of_the_answer(ask: Ask, index: RecordingIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> int:
        raise IndexUnavailable("away")

    monkeypatch.setattr(index, "count", away)

    assert ask()["faces"] == {"believed": 0, "indexed": None}


def test_a_database_that_nobody_migrated_has_no_migration(container: Container) -> None:
    with container.database.unit_of_work() as session:
        before = find_migrations(session)
        session.execute(text("ALTER TABLE alembic_version RENAME TO elsewhere"))

        assert find_migrations(session) == Migrations(before.newest, None)

    with container.database.unit_of_work() as session:
        assert find_migrations(session) == before  # what found nothing has undone nothing but the test's own change
