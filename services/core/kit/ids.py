"""Identifiers: random UUIDs, made by us before the row exists so that they can travel with it."""

import secrets
from uuid import UUID, uuid4


def new_id() -> UUID:
    """A fresh random identifier."""
    return uuid4()


def new_secret() -> str:
    """An unguessable URL-safe string of 256 bits, for refresh tokens and one-use tickets."""
    return secrets.token_urlsafe(32)
