"""A ticket opens one socket of one project once, soon."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from services.core.accounts.model import SocketTicket
from services.core.accounts.tickets import issue, redeem
from services.core.kit.database import Database
from services.core.kit.errors import Unauthenticated

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def ada(a_user: Callable[[], UUID]) -> UUID:
    return a_user()


@pytest.fixture
def project_id(a_project: Callable[..., UUID], ada: UUID) -> UUID:
    return a_project(owner=ada)


def issued(database: Database, user_id: UUID, project_id: UUID) -> str:
    with database.unit_of_work() as session:
        return issue(session, user_id, project_id, NOW).value


def redeemed(database: Database, ticket: str, project_id: UUID, now: datetime = NOW) -> UUID | str:
    """Whose ticket it was, or the code of the refusal."""
    try:
        with database.unit_of_work() as session:
            return redeem(session, ticket, project_id, now)
    except Unauthenticated as refusal:
        return refusal.code


def test_a_ticket_tells_whose_it_is_and_only_once(database: Database, ada: UUID, project_id: UUID) -> None:
    ticket = issued(database, ada, project_id)

    assert redeemed(database, ticket, project_id) == ada
    assert redeemed(database, ticket, project_id) == "ticket_invalid"


def test_a_ticket_is_good_for_thirty_seconds(database: Database, ada: UUID, project_id: UUID) -> None:
    late, in_time = issued(database, ada, project_id), issued(database, ada, project_id)

    assert redeemed(database, late, project_id, NOW + timedelta(seconds=30)) == "ticket_invalid"
    assert redeemed(database, in_time, project_id, NOW + timedelta(seconds=29)) == ada


def test_a_ticket_of_another_project_opens_nothing_and_is_not_used_up(
    database: Database, ada: UUID, project_id: UUID, a_project: Callable[..., UUID]
) -> None:
    ticket = issued(database, ada, project_id)

    assert redeemed(database, ticket, a_project(owner=ada)) == "ticket_invalid"
    assert redeemed(database, ticket, project_id) == ada


def test_an_unknown_ticket_is_refused(database: Database, project_id: UUID) -> None:
    assert redeemed(database, "never issued", project_id) == "ticket_invalid"


def test_of_many_attempts_at_once_one_succeeds(database: Database, ada: UUID, project_id: UUID) -> None:
    ticket = issued(database, ada, project_id)

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(lambda _: redeemed(database, ticket, project_id), range(8)))

    assert outcomes.count(ada) == 1
    assert outcomes.count("ticket_invalid") == 7


def test_the_ticket_is_not_kept_in_clear(database: Database, ada: UUID, project_id: UUID) -> None:
    ticket = issued(database, ada, project_id)

    with database.unit_of_work() as session:
        assert ticket not in session.scalars(select(SocketTicket.ticket_hash)).one()
