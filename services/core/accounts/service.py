"""Registering, signing in, staying signed in and signing out.

A sign-in starts a *family* of refresh tokens. Each refresh uses up one link and adds the next, so a link that turns up again was
stolen or replayed: then the whole family is revoked, and whoever holds a link of it has to sign in with the password.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, Field, SecretStr, StringConstraints
from sqlalchemy.orm import Session

from services.core.accounts import repository
from services.core.accounts.model import RefreshToken, User
from services.core.accounts.passwords import hash_password, needs_rehash, password_matches
from services.core.accounts.tokens import AccessToken, digest, issue_access_token
from services.core.kit.database import Database
from services.core.kit.errors import Conflict, Problem, Unauthenticated
from services.core.kit.ids import new_id, new_secret

REFRESH_TOKEN_LIFETIME = timedelta(days=30)  # renewed by each refresh: who comes back once a month stays signed in
REFRESH_GRACE = timedelta(seconds=10)
"""How long after its use a link is accepted once more.

Two tabs share one cookie and wake together, and a reply can be lost on the way: both send a link that was used a moment ago. Without a
grace each of these signs an honest person out. The price: a thief who replays a link within these seconds is not noticed by it. Ten
seconds cover a slow request and its retry, and are far less than the time in which a stolen token travels and is put to use.
"""
IDEMPOTENCY_KEPT = timedelta(hours=24)
SIGN_IN = "Sign in again with e-mail and password."

EmailAddress = Annotated[EmailStr, AfterValidator(str.lower)]
"""A valid address in lower case. Mail servers that tell upper from lower case are not met in practice; people who mix them are."""
DisplayName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Registration(BaseModel):
    """What a person tells us to get an account."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    email: EmailAddress
    password: SecretStr = Field(min_length=10, max_length=256)
    display_name: DisplayName | None = Field(default=None, description="How others see you; the first part of the address if absent.")


class Credentials(BaseModel):
    """What a person tells us to sign in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    email: EmailAddress
    password: SecretStr = Field(min_length=1, max_length=256)


@dataclass(frozen=True)
class SignedIn:
    """A person who proved who they are, and the tokens by which they are known from now on."""

    user: User
    access_token: AccessToken
    refresh_token: str
    refresh_expires_at: datetime


def register(session: Session, secret: SecretStr, registration: Registration, now: datetime) -> SignedIn:
    """Add an account and sign it in. Raises Conflict("email_taken")."""
    password_hash = hash_password(registration.password.get_secret_value())
    display_name = registration.display_name or registration.email.partition("@")[0]
    user = repository.add_user(session, registration.email, display_name, password_hash)
    if user is None:
        raise Conflict("email_taken", "There is already an account with this e-mail address.", "Sign in, or use another address.")
    return _sign_in(session, secret, user, family_id=new_id(), now=now)


def login(session: Session, secret: SecretStr, credentials: Credentials, now: datetime) -> SignedIn:
    """Start a session. Raises Unauthenticated("credentials_wrong"), the same for a wrong password and an unknown address."""
    user = repository.find_user_by_email(session, credentials.email)
    password = credentials.password.get_secret_value()
    if not password_matches(password, user.password_hash if user else None) or user is None:
        raise Unauthenticated("credentials_wrong", "E-mail address and password do not belong together.", "Check both, or register.")
    if needs_rehash(user.password_hash):
        user.password_hash = hash_password(password)
    return _sign_in(session, secret, user, family_id=new_id(), now=now)


def refresh(database: Database, secret: SecretStr, refresh_token: str, now: datetime) -> SignedIn:
    """Use up a refresh token and return the next one with a fresh access token.

    Raises Unauthenticated: `refresh_token_invalid`, `refresh_token_expired`, `refresh_token_reused` or `session_ended`. It takes the
    database and not a session because the revocation after a reuse must be committed although the answer is an error.
    """
    with database.unit_of_work() as session:
        outcome = _rotate(session, secret, refresh_token, now)
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


def logout(session: Session, refresh_token: str, now: datetime) -> None:
    """End the session this token belongs to, on all its tabs. A token we do not know means that there is nothing left to end.

    Access tokens that were already given out are accepted until they expire, at most 15 minutes.
    """
    token = _find_locked(session, refresh_token)
    if token is not None:
        repository.revoke_family(session, token.family_id, now)


def get_user(session: Session, user_id: UUID) -> User:
    """The person with this id. Raises Unauthenticated("account_gone"): the token outlived the account."""
    user = repository.find_user(session, user_id)
    if user is None:
        raise Unauthenticated("account_gone", "The account of this access token does not exist any more.", "Register, or sign in.")
    return user


def delete_expired(session: Session, now: datetime, limit: int = 1000) -> int:
    """Delete what nobody can use any more: refresh tokens, tickets, remembered answers. At most `limit` of each; returns how many."""
    return (
        repository.delete_expired_refresh_tokens(session, now, limit)
        + repository.delete_expired_socket_tickets(session, now, limit)
        + repository.delete_idempotency_keys(session, now - IDEMPOTENCY_KEPT, limit)
    )


def _sign_in(session: Session, secret: SecretStr, user: User, family_id: UUID, now: datetime) -> SignedIn:
    refresh_token, expires_at = new_secret(), now + REFRESH_TOKEN_LIFETIME
    repository.add_refresh_token(session, user.id, family_id, digest(refresh_token), expires_at)
    return SignedIn(user, issue_access_token(secret, user.id, now), refresh_token, expires_at)


def _rotate(session: Session, secret: SecretStr, refresh_token: str, now: datetime) -> SignedIn | Unauthenticated:
    """The next link of the family; or the refusal, returned and not raised so that the transaction commits."""
    token = _find_locked(session, refresh_token)
    if token is None:
        return Unauthenticated("refresh_token_invalid", "The refresh token is not one of ours.", SIGN_IN)
    if token.revoked_at is not None:
        return Unauthenticated("session_ended", "This session was ended.", SIGN_IN)
    if token.expires_at <= now:
        return Unauthenticated("refresh_token_expired", "The refresh token has expired.", SIGN_IN)
    if token.used_at is not None and now - token.used_at > REFRESH_GRACE:
        repository.revoke_family(session, token.family_id, now)
        return Unauthenticated(
            "refresh_token_reused", "The refresh token was used before, so somebody else may hold it. The session was ended.", SIGN_IN
        )
    token.used_at = token.used_at or now
    return _sign_in(session, secret, get_user(session, token.user_id), token.family_id, now)


def _find_locked(session: Session, refresh_token: str) -> RefreshToken | None:
    """The token, read after its owner was locked.

    Without the lock a refresh could add a link to a family while another request revokes the links it sees, and that link would live.
    """
    token = repository.find_refresh_token(session, digest(refresh_token))
    if token is None or repository.lock_user(session, token.user_id) is None:
        return None
    return repository.find_refresh_token(session, digest(refresh_token))
