"""Rows of people, their sessions and their memberships. `find_x` returns None where there is nothing."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, delete, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.core.accounts.model import IdempotencyKey, ProjectMember, RefreshToken, SocketTicket, User
from services.core.kit.ids import new_id


def find_user(session: Session, user_id: UUID) -> User | None:
    """The person with this id."""
    return session.get(User, user_id)


def find_user_by_email(session: Session, email: str) -> User | None:
    """The person with this address, given in lower case."""
    return session.scalar(select(User).where(User.email == email))


def add_user(session: Session, email: str, display_name: str, password_hash: str) -> User | None:
    """Add a person; None where the address is taken, also by a registration that commits while this one runs."""
    added = (
        insert(User)
        .values(id=new_id(), email=email, display_name=display_name, password_hash=password_hash)
        .on_conflict_do_nothing(index_elements=[User.email])
        .returning(User)
    )
    return session.scalar(added)


def lock_user(session: Session, user_id: UUID) -> User | None:
    """The person with this id, locked until the end of the transaction, so that one session changes at a time.

    FOR NO KEY UPDATE: rows that refer to the person may be added meanwhile.
    """
    locked = select(User).where(User.id == user_id).with_for_update(key_share=True)
    return session.scalar(locked, execution_options={"populate_existing": True})


def find_refresh_token(session: Session, token_digest: str) -> RefreshToken | None:
    """The refresh token with this digest, as the database holds it now."""
    found = select(RefreshToken).where(RefreshToken.token_hash == token_digest)
    return session.scalar(found, execution_options={"populate_existing": True})


def add_refresh_token(session: Session, user_id: UUID, family_id: UUID, token_digest: str, expires_at: datetime) -> None:
    """Add an unused link to a family."""
    session.add(RefreshToken(id=new_id(), user_id=user_id, family_id=family_id, token_hash=token_digest, expires_at=expires_at))
    session.flush()


def revoke_family(session: Session, family_id: UUID, now: datetime) -> None:
    """End a session: no link of the family is accepted any more. The caller holds the lock on the person (see `lock_user`)."""
    live = RefreshToken.family_id == family_id, RefreshToken.revoked_at.is_(None)
    session.execute(update(RefreshToken).where(*live).values(revoked_at=now))


def find_role(session: Session, user_id: UUID, project_id: UUID) -> str | None:
    """What the person is in the project."""
    member = ProjectMember.user_id == user_id, ProjectMember.project_id == project_id
    return session.scalar(select(ProjectMember.role).where(*member))


def get_owner_id(session: Session, project_id: UUID) -> UUID:
    """Whose project it is; every project has one owner."""
    return session.scalars(select(ProjectMember.user_id).where(ProjectMember.project_id == project_id, ProjectMember.role == "owner")).one()


def delete_expired_refresh_tokens(session: Session, now: datetime, limit: int) -> int:
    """Delete at most `limit` refresh tokens that nobody can use any more; returns how many."""
    return _delete_before(session, (RefreshToken.id,), RefreshToken.expires_at, now, limit)


def delete_expired_socket_tickets(session: Session, now: datetime, limit: int) -> int:
    """Delete at most `limit` tickets that nobody redeemed in time; returns how many."""
    return _delete_before(session, (SocketTicket.ticket_hash,), SocketTicket.expires_at, now, limit)


def delete_idempotency_keys(session: Session, created_before: datetime, limit: int) -> int:
    """Delete at most `limit` remembered answers older than `created_before`; returns how many."""
    key = IdempotencyKey.user_id, IdempotencyKey.key
    return _delete_before(session, key, IdempotencyKey.created_at, created_before, limit)


def _delete_before(
    session: Session, key: tuple[InstrumentedAttribute[Any], ...], at: InstrumentedAttribute[datetime], before: datetime, limit: int
) -> int:
    # Rows that somebody is using just now are left for the next sweep. A common table expression, for Postgres may evaluate a
    # subquery once for each row, and each time SKIP LOCKED ... LIMIT finds others.
    due = select(*key).where(at < before).limit(limit).with_for_update(skip_locked=True).cte("due")
    deleted = session.execute(delete(at.class_).where(tuple_(*key).in_(select(*due.c))))
    return cast(CursorResult[Any], deleted).rowcount
