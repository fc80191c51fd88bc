"""`python -m services.migrations upgrade | revision MESSAGE | check`: migrate under a lock, so that two starts cannot race."""

import argparse
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.engine import Engine

from services.core.kit.database import make_engine
from services.core.settings import load_settings

ADVISORY_LOCK = 7_364_001  # any constant; it names "Reelgraph migrates" among the locks of a database

# Who may read and write rows, where the database knows that role (infra/foundation.py): tables belong to who migrates. On one machine
# everybody is one user, and there is no such role.
ROWS_ROLE = "reelgraph_rows"
GRANT_ROWS = f"""DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROWS_ROLE}') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ROWS_ROLE};
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROWS_ROLE};
  END IF;
END $$"""


def alembic_config() -> Config:
    """Alembic's configuration, made here so that no alembic.ini with a second copy of the URL exists."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("file_template", "%%(year)d%%(month).2d%%(day).2d_%%(slug)s")
    config.set_main_option("timezone", "UTC")
    return config


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest migration. Others that want the same wait, then find it done."""
    config = alembic_config()
    with engine.connect() as lock:
        lock.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ADVISORY_LOCK})
        try:
            with engine.connect() as connection:
                # A migration that cannot get its lock soon would stop the product: it fails instead, and is tried again.
                connection.execute(text("SET lock_timeout = '10s'"))
                connection.commit()
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                connection.execute(text(GRANT_ROWS))
                connection.commit()
        finally:
            lock.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": ADVISORY_LOCK})


def main() -> None:
    """Parse the command line and act."""
    parser = argparse.ArgumentParser(description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("upgrade", help="bring the database to the newest migration")
    actions.add_parser("check", help="fail if the tables in the code differ from the migrations")
    revision = actions.add_parser("revision", help="write a migration from the difference between the code and the database")
    revision.add_argument("message")
    arguments = parser.parse_args()

    engine = make_engine(load_settings())
    if arguments.action == "upgrade":
        upgrade(engine)
        return
    config = alembic_config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        if arguments.action == "revision":
            command.revision(config, message=arguments.message, autogenerate=True)
        else:
            command.check(config)


if __name__ == "__main__":
    main()
