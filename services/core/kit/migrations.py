"""Which migration a database is at, and which is the newest: for those who ask whether somebody forgot to migrate."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

SCRIPTS = Path(__file__).resolve().parents[2] / "migrations"


@dataclass(frozen=True, slots=True)
class Migrations:
    """`newest` is the one that this code was written for; `current` that of the database, None where there is none."""

    newest: str
    current: str | None


def find_migrations(session: Session) -> Migrations:
    """Compare a database with the code."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415  # cold start: only who asks pays for it

    newest = ScriptDirectory(str(SCRIPTS)).get_current_head()
    assert newest is not None
    try:
        current = session.scalar(text("SELECT version_num FROM alembic_version"))
    except ProgrammingError:  # no such table: nobody has ever migrated
        session.rollback()
        current = None
    return Migrations(newest, current)
