"""Migrations on a database that the release before wrote: what is in it stays, and goes on."""

from collections.abc import Iterator

import pytest
from alembic import command
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DatabaseError

from infra.local.postgres import Postgres
from services.core.kit.ids import new_id
from services.migrations.__main__ import alembic_config, upgrade

FIRST_RELEASE = "d729d5d197ce"
PROJECT = "INSERT INTO projects (id, name, spending_limit_microusd) VALUES (:id, 'Trailer', 1)"
USER = "INSERT INTO users (id, email, display_name, password_hash) VALUES (:id, 'ada@example.com', 'Ada', 'none')"
NODE = "INSERT INTO nodes (id, project_id, type, title, position_x, position_y, config) VALUES (:id, :project, :type, 'x', 0, 0, '{}')"
JOB = """
    INSERT INTO jobs (id, project_id, node_id, user_id, kind, hop, hops, state, version, model, request, cost_microusd, attempts,
        safety_retries, settle_attempts, polls, forced, can_retry, finished_at)
    VALUES (:id, :project, :node, :user, 'generate', 0, 0, 'failed', 1, 'm', '{}', 5, 1, 0, 0, 1, false, true, now() - interval '9 days')
"""
ENTRY = """
    INSERT INTO budget_entries (id, project_id, job_id, reason, sequence, reserved_microusd, uncertain_microusd)
    VALUES (:id, :project, :job, :reason, 0, :reserved, :uncertain)
"""


@pytest.fixture
def first_release(postgres: Postgres) -> Iterator[Engine]:
    """A database as the first release made it."""
    name = f"released_{new_id().hex}"
    postgres.create_database(name)
    engine = create_engine(postgres.url(name))
    migrate(engine, FIRST_RELEASE)
    yield engine
    engine.dispose()


def migrate(engine: Engine, revision: str, *, down: bool = False) -> None:
    config = alembic_config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        (command.downgrade if down else command.upgrade)(config, revision)
        connection.commit()


def test_frames_are_taken_after_the_migration_and_what_was_there_stays(first_release: Engine) -> None:
    project_id = new_id()

    def add(type_: str) -> None:
        with first_release.begin() as connection:
            connection.execute(text(NODE), {"id": new_id(), "project": project_id, "type": type_})

    with first_release.begin() as connection:
        connection.execute(text(PROJECT), {"id": project_id})
    add("video")
    with pytest.raises(DatabaseError, match="ck_nodes_type"):
        add("frame")

    upgrade(first_release)

    add("frame")
    add("note")
    with pytest.raises(DatabaseError, match="ck_nodes_type"):
        add("audio")
    migrate(first_release, FIRST_RELEASE, down=True)
    with first_release.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM nodes")).scalar_one() == 3


def test_the_tables_in_the_code_are_those_of_the_migrations(first_release: Engine) -> None:
    upgrade(first_release)

    with first_release.connect() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.check(config)


def test_money_that_was_held_for_ever_is_looked_after_once_more(first_release: Engine) -> None:
    project_id, user_id, node_id = new_id(), new_id(), new_id()
    jobs = {"held": new_id(), "released": new_id()}
    with first_release.begin() as connection:
        connection.execute(text(PROJECT), {"id": project_id})
        connection.execute(text(USER), {"id": user_id})
        connection.execute(text(NODE), {"id": node_id, "project": project_id, "type": "video"})
        for name, job_id in jobs.items():
            connection.execute(text(JOB), {"id": job_id, "project": project_id, "node": node_id, "user": user_id})
            entries = [("reserve", 5, 0), ("hold", -5, 5) if name == "held" else ("release", -5, 0)]
            for reason, reserved, uncertain in entries:
                amounts = {"reason": reason, "reserved": reserved, "uncertain": uncertain}
                connection.execute(text(ENTRY), {"id": new_id(), "project": project_id, "job": job_id, **amounts})

    upgrade(first_release)

    with first_release.connect() as connection:
        due = connection.execute(text("SELECT id FROM jobs WHERE next_check_at > now()")).scalars().all()
    assert due == [jobs["held"]]
