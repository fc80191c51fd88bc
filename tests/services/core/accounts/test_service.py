"""Registering, signing in, refreshing and signing out, as the database sees it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event
from time import monotonic
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from pydantic import SecretStr, ValidationError
from sqlalchemy import Engine, func, select, text

from services.core.accounts import repository, service
from services.core.accounts.model import IdempotencyKey, RefreshToken, User
from services.core.accounts.passwords import needs_rehash
from services.core.accounts.service import Credentials, Registration, SignedIn
from services.core.accounts.tickets import issue
from services.core.accounts.tokens import digest, read_access_token
from services.core.kit.database import Database
from services.core.kit.errors import Conflict, Unauthenticated

SECRET = SecretStr("a secret of the tests, long enough for HS256")
PASSWORD = SecretStr("correct horse battery")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LONG_AFTER = NOW + timedelta(minutes=1)


def registered(database: Database, email: str = "ada@example.com") -> SignedIn:
    with database.unit_of_work() as session:
        return service.register(session, SECRET, Registration(email=email, password=PASSWORD), NOW)


def signed_in(database: Database, password: SecretStr = PASSWORD) -> SignedIn:
    with database.unit_of_work() as session:
        return service.login(session, SECRET, Credentials(email="ada@example.com", password=password), NOW)


def refreshed(database: Database, token: str, now: datetime = NOW) -> str:
    """The next refresh token, or the code of the refusal."""
    try:
        return service.refresh(database, SECRET, token, now).refresh_token
    except Unauthenticated as refusal:
        return refusal.code


def live_links(database: Database) -> int:
    with database.unit_of_work() as session:
        live = select(func.count()).select_from(RefreshToken).where(RefreshToken.revoked_at.is_(None))
        return session.scalar(live) or 0


def wait_for_blocked_transaction(engine: Engine) -> None:
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    give_up_at = monotonic() + 10
    while monotonic() < give_up_at:
        with engine.connect() as connection:
            if connection.execute(waiting).scalar():
                return
        Event().wait(0.01)
    pytest.fail("No transaction came to wait for another.")


def test_a_registration_keeps_the_address_in_lower_case_and_signs_in(database: Database) -> None:
    ada = registered(database, "Ada.Lovelace@Example.COM")

    assert ada.user.email == "ada.lovelace@example.com"
    assert ada.user.display_name == "ada.lovelace"
    assert read_access_token(SECRET, ada.access_token.value, NOW) == ada.user.id


@pytest.mark.parametrize(("length", "accepted"), [(9, False), (10, True), (256, True), (257, False)])
def test_a_password_has_ten_to_256_characters(length: int, accepted: bool) -> None:
    try:
        Registration(email="ada@example.com", password=SecretStr("x" * length))
    except ValidationError:
        assert not accepted
    else:
        assert accepted


def test_a_password_is_not_shown_when_a_registration_is_printed() -> None:
    assert PASSWORD.get_secret_value() not in repr(Registration(email="ada@example.com", password=PASSWORD))


def test_of_two_registrations_of_an_address_at_once_one_succeeds(database: Database) -> None:
    def outcome(_: int) -> str:
        try:
            return str(registered(database).user.id)
        except Conflict as refusal:
            return refusal.code

    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(outcome, range(4)))

    assert outcomes.count("email_taken") == 3


def test_a_sign_in_renews_a_hash_of_old_parameters(database: Database) -> None:
    registered(database)
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD.get_secret_value())
    with database.unit_of_work() as session:
        session.scalars(select(User)).one().password_hash = old

    signed_in(database)

    with database.unit_of_work() as session:
        assert not needs_rehash(session.scalars(select(User.password_hash)).one())
    assert signed_in(database).user.email == "ada@example.com"


def test_a_wrong_password_does_not_renew_the_hash(database: Database) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("another password")
    registered(database)
    with database.unit_of_work() as session:
        session.scalars(select(User)).one().password_hash = old

    with pytest.raises(Unauthenticated):
        signed_in(database)

    with database.unit_of_work() as session:
        assert session.scalars(select(User.password_hash)).one() == old


def test_each_refresh_uses_up_its_token_and_gives_the_next(database: Database) -> None:
    first = registered(database).refresh_token

    second = refreshed(database, first)
    third = refreshed(database, second, LONG_AFTER)

    assert len({first, second, third}) == 3
    assert refreshed(database, third, LONG_AFTER) not in {first, second, third}


def test_a_reuse_revokes_the_whole_family_and_keeps_it_revoked_although_the_answer_is_an_error(database: Database) -> None:
    first = registered(database).refresh_token
    second = refreshed(database, first)

    assert refreshed(database, first, LONG_AFTER) == "refresh_token_reused"

    assert live_links(database) == 0
    assert refreshed(database, second, LONG_AFTER) == "session_ended"
    assert refreshed(database, first, LONG_AFTER) == "session_ended"


def test_a_reuse_does_not_end_the_sessions_on_other_devices(database: Database) -> None:
    first = registered(database).refresh_token
    other_device = signed_in(database).refresh_token
    refreshed(database, first)
    refreshed(database, first, LONG_AFTER)

    assert len(refreshed(database, other_device, LONG_AFTER)) == len(other_device)


@pytest.mark.parametrize(("seconds", "accepted"), [(0, True), (10, True), (10.001, False)])
def test_a_token_is_accepted_again_for_ten_seconds_only(database: Database, seconds: float, accepted: bool) -> None:
    first = registered(database).refresh_token
    refreshed(database, first)

    again = refreshed(database, first, NOW + timedelta(seconds=seconds))

    assert (again != "refresh_token_reused") is accepted


def test_the_grace_counts_from_the_first_use(database: Database) -> None:
    first = registered(database).refresh_token
    refreshed(database, first)
    refreshed(database, first, NOW + timedelta(seconds=8))

    assert refreshed(database, first, NOW + timedelta(seconds=16)) == "refresh_token_reused"


def test_a_token_lives_thirty_days_from_its_own_refresh(database: Database) -> None:
    first = registered(database).refresh_token
    assert refreshed(database, first, NOW + timedelta(days=30)) == "refresh_token_expired"

    second = refreshed(database, first, NOW + timedelta(days=29))

    assert len(refreshed(database, second, NOW + timedelta(days=58))) == len(second)


def test_an_unknown_token_is_refused(database: Database) -> None:
    assert refreshed(database, "never issued") == "refresh_token_invalid"


def test_a_link_that_is_being_added_does_not_outlive_a_revocation_at_the_same_time(database: Database, engine: Engine) -> None:
    ada = registered(database)
    used = ada.refresh_token
    newest = refreshed(database, used)
    with ThreadPoolExecutor() as threads:
        with database.unit_of_work() as session:
            # A refresh that has rotated and not committed yet...
            assert not isinstance(service._rotate(session, SECRET, newest, LONG_AFTER), Unauthenticated)
            # ...while the used token turns up again.
            reuse = threads.submit(refreshed, database, used, LONG_AFTER)
            wait_for_blocked_transaction(engine)
        assert reuse.result() == "refresh_token_reused"

    assert live_links(database) == 0


def test_logout_ends_the_session_of_the_token_and_no_other(database: Database) -> None:
    here = registered(database).refresh_token
    there = signed_in(database).refresh_token

    with database.unit_of_work() as session:
        service.logout(session, here, NOW)

    assert refreshed(database, here) == "session_ended"
    assert len(refreshed(database, there)) == len(there)


def test_logout_with_an_older_token_of_the_session_ends_it_too(database: Database) -> None:
    first = registered(database).refresh_token
    second = refreshed(database, first)

    with database.unit_of_work() as session:
        service.logout(session, first, NOW)

    assert refreshed(database, second) == "session_ended"


def test_the_sweep_deletes_what_nobody_can_use_and_nothing_else(database: Database, a_project: Callable[..., UUID]) -> None:
    ada = registered(database)
    project_id = a_project(owner=ada.user.id)
    with database.unit_of_work() as session:
        repository.add_refresh_token(session, ada.user.id, ada.user.id, digest("expired"), NOW - timedelta(seconds=1))
        issue(session, ada.user.id, project_id, NOW - timedelta(seconds=31))
        living_ticket = issue(session, ada.user.id, project_id, NOW)
        for key, age in (("yesterday", timedelta(hours=25)), ("today", timedelta(hours=23))):
            session.add(IdempotencyKey(user_id=ada.user.id, key=key, request_digest="", created_at=NOW - age))

    with database.unit_of_work() as session:
        deleted = service.delete_expired(session, NOW)

    assert deleted == 3
    assert len(refreshed(database, ada.refresh_token)) == len(ada.refresh_token)
    with database.unit_of_work() as session:
        assert session.scalars(text("SELECT ticket_hash FROM socket_tickets")).all() == [digest(living_ticket.value)]
        assert session.scalars(select(IdempotencyKey.key)).all() == ["today"]


def test_the_sweep_takes_no_more_than_it_was_told_to(database: Database) -> None:
    ada = registered(database)
    with database.unit_of_work() as session:
        for number in range(3):
            repository.add_refresh_token(session, ada.user.id, ada.user.id, digest(f"expired {number}"), NOW - timedelta(days=1))

    deleted = []
    for _ in range(3):
        with database.unit_of_work() as session:
            deleted.append(service.delete_expired(session, NOW, limit=2))

    assert deleted == [2, 1, 0]
