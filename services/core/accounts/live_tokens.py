"""Tokens by which a browser listens to Firestore: Firebase custom tokens with our own end, which the rules demand.

A Firebase session renews itself for ever; the claim `until` does not. Whoever is removed loses access with the `members/{uid}`
document, at the next change; with `until` past no listener begins, and an open one ends when its login is renewed, within the hour.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import google.auth
from google.auth import jwt
from google.auth.credentials import Signing

from services.core.settings import Settings

LIFETIME = timedelta(minutes=10)
# https://firebase.google.com/docs/auth/admin/create-custom-tokens#create_custom_tokens_using_a_third-party_jwt_library
AUDIENCE = "https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"


@dataclass(frozen=True, slots=True)
class LiveToken:
    """What `signInWithCustomToken` takes, for whom it is, and when listening has to be renewed."""

    value: str
    user_id: UUID
    until: datetime


@dataclass(frozen=True, slots=True)
class Signature:
    """Signs as a service account: its address, and the key it holds or the IAM API that holds it."""

    account: str
    signer: Any


def find_signature(settings: Settings) -> Signature:
    """The signature of this process: of the key in its credentials, else of SIGNING_ACCOUNT by IAM."""
    credentials, _ = google.auth.default(scopes=[SCOPE])
    if isinstance(credentials, Signing) and not settings.signing_account:
        return Signature(credentials.signer_email, credentials.signer)
    if not settings.signing_account:
        raise RuntimeError("These credentials hold no key: set SIGNING_ACCOUNT to the account that signs, see .env.example.")
    from google.auth import iam  # noqa: PLC0415  # cold start, with the next line
    from google.auth.transport.requests import Request  # noqa: PLC0415  # cold start: requests takes as long as an SQL driver

    return Signature(settings.signing_account, iam.Signer(Request(), credentials, settings.signing_account))


def mint(signature: Callable[[], Signature], user_id: UUID, now: datetime) -> LiveToken:
    """A token for `user_id` that is good for ten minutes."""
    signed_by = signature()
    until = now + LIFETIME
    claims = {
        "iss": signed_by.account,
        "sub": signed_by.account,
        "aud": AUDIENCE,
        "iat": int(now.timestamp()),
        "exp": int(until.timestamp()),
        "uid": str(user_id),
        "claims": {"until": int(until.timestamp())},
    }
    encoded: bytes = jwt.encode(signed_by.signer, claims)
    return LiveToken(encoded.decode(), user_id, until)
