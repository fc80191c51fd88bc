"""Access tokens: short-lived signed proofs of who is calling; and the digest under which long-lived secrets are stored."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
from pydantic import SecretStr

from services.core.kit.errors import Unauthenticated
from services.core.kit.ids import new_id

ALGORITHM = "HS256"
ISSUER = "reelgraph"
AUDIENCE = "reelgraph-api"  # other tokens signed with the same secret have another audience, so none stands in for another
ACCESS_TOKEN_LIFETIME = timedelta(minutes=15)
CLAIMS = ("sub", "iat", "exp", "iss", "aud", "jti")
ADVICE = "Refresh it with POST /api/auth/refresh, or sign in again."


@dataclass(frozen=True)
class AccessToken:
    """A signed token and when it stops being accepted. It cannot be revoked, therefore it is short-lived."""

    value: str
    expires_at: datetime


def issue_access_token(secret: SecretStr, user_id: UUID, now: datetime) -> AccessToken:
    """Sign a token by which `user_id` is known for the next 15 minutes."""
    expires_at = now + ACCESS_TOKEN_LIFETIME
    claims: dict[str, Any] = {
        "sub": str(user_id),
        "iat": int(now.timestamp()),
        "exp": int(expires_at.timestamp()),
        "iss": ISSUER,
        "aud": AUDIENCE,
        "jti": str(new_id()),
    }
    return AccessToken(jwt.encode(claims, secret.get_secret_value(), algorithm=ALGORITHM), expires_at)


def read_access_token(secret: SecretStr, token: str, now: datetime) -> UUID:
    """Return whose token this is. Raises Unauthenticated: `token_expired` or `token_invalid`."""
    try:
        claims = jwt.decode(
            token,
            secret.get_secret_value(),
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            # Time is checked below, against our clock.
            options={"require": list(CLAIMS), "verify_exp": False, "verify_iat": False},
        )
        user_id = UUID(claims["sub"])
        expires_at = datetime.fromtimestamp(claims["exp"], UTC)
    except (jwt.InvalidTokenError, ValueError, TypeError) as refusal:
        raise Unauthenticated("token_invalid", "The access token is not one of ours.", ADVICE) from refusal
    if expires_at <= now:
        raise Unauthenticated("token_expired", "The access token has expired.", ADVICE)
    return user_id


def digest(secret: str) -> str:
    """The SHA-256 of a refresh token or ticket, hexadecimal: what the database holds, useless to whoever reads it there.

    No salt and no slow hash: these secrets are 256 random bits, so there is nothing to guess.
    """
    return hashlib.sha256(secret.encode()).hexdigest()
