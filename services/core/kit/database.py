"""The database: one engine for Cloud SQL and for a plain URL, and `unit_of_work`, the only place that commits."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import MetaData, create_engine, text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from services.core.settings import Settings

AFTER_COMMIT = "outbox_ids"
LOGGED = "logged_projects"
"""Where a session notes whose logs it added to, so that those who follow them can be woken after the commit."""


class Base(DeclarativeBase):
    """All tables; constraint names are fixed so that migrations and error handling can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Database:
    """Hands out transactions. `deliver` is called with the ids of the outbox rows each transaction committed."""

    def __init__(self, engine: Engine, deliver: Callable[[list[UUID]], object] | None = None) -> None:
        self.engine = engine
        self._sessions = sessionmaker(engine, expire_on_commit=False)
        self.deliver = deliver

    @contextmanager
    def unit_of_work(self, logged: Callable[[Collection[UUID]], object] | None = None) -> Iterator[Session]:
        """One transaction: commits at the end, rolls back on any exception, then delivers what it told the outbox.

        Delivery never raises: what could not be delivered stays in the outbox for the sweep. `logged` is called first, with the
        projects whose log has grown: people who look at one shall not wait for other services.
        """
        with self._sessions() as session, session.begin():
            yield session
            grown: set[UUID] = session.info.pop(LOGGED, set())
            told: list[UUID] = session.info.pop(AFTER_COMMIT, [])
        if grown and logged is not None:
            logged(grown)
        if told and self.deliver is not None:
            self.deliver(told)

    def is_ready(self) -> bool:
        """True when a statement succeeds."""
        with self.engine.connect() as connection:
            return bool(connection.execute(text("SELECT 1")).scalar())


def make_engine(settings: Settings) -> Engine:
    """An engine over pg8000: through the Cloud SQL connector when an instance is named, else by DATABASE_URL."""
    pool: dict[str, Any] = {
        "pool_size": settings.db_pool_size,
        "max_overflow": 2,
        "pool_timeout": 30,
        "pool_recycle": 1800,
        "pool_pre_ping": True,
        "hide_parameters": True,  # an error that is logged must not carry prompts or addresses
    }
    if settings.instance_connection_name is None:
        assert settings.database_url is not None
        return create_engine(settings.database_url.get_secret_value(), **pool)
    # Imported here: it costs about a second and asks for Google credentials (reference/gcp-local.md, section 9).
    from google.cloud.sql.connector import Connector, IPTypes  # noqa: PLC0415  # cold start, see above

    connector = Connector(refresh_strategy="LAZY", ip_type=IPTypes[settings.db_ip_type])
    instance, user, name = settings.instance_connection_name, settings.db_user, settings.db_name

    def connect() -> Any:
        return connector.connect(instance, "pg8000", user=user, db=name, enable_iam_auth=True)

    return create_engine("postgresql+pg8000://", creator=connect, **pool)
