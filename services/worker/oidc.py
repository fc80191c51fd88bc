"""Who calls the worker: verifies the OIDC token that Cloud Tasks, Cloud Scheduler, Pub/Sub and the functions present."""

import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

import jwt
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from google.auth import transport
from google.auth.exceptions import GoogleAuthError, TransportError
from google.auth.transport import requests
from google.oauth2 import id_token

from services.core.bootstrap import Container
from services.core.kit.errors import Forbidden, Unauthenticated, Unavailable

GOOGLE_ISSUERS = ("https://accounts.google.com", "accounts.google.com")
# Google announces a new key hours before it signs with it (Cache-Control of the certificates' answer), so minutes are safe.
CERTIFICATES_KEPT_SECONDS = 300
CERTIFICATES_TIMEOUT_SECONDS = 5
CLOCK_SKEW_SECONDS = 10

_bearer = HTTPBearer(auto_error=False, description="An OIDC token of an account that may call, for the worker's URL.")


@dataclass(frozen=True)
class _Fetched:
    response: transport.Response
    until: float


class CachingRequest(transport.Request):
    """A google-auth transport for GET that keeps good answers for some minutes; without it every verification fetches certificates."""

    def __init__(self, kept_seconds: float = CERTIFICATES_KEPT_SECONDS) -> None:
        self._fetch = requests.Request()
        self._kept_seconds = kept_seconds
        self._answers: dict[str, _Fetched] = {}
        self._lock = threading.Lock()

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = CERTIFICATES_TIMEOUT_SECONDS,
        **options: Any,
    ) -> transport.Response:
        """Answer from memory, else fetch: one thread does while the others wait for its answer. Raises TransportError."""
        with self._lock:
            known = self._answers.get(url)
            if known is not None and time.monotonic() < known.until:
                return known.response
            response: transport.Response = self._fetch(url, method, body, headers, timeout, **options)
            if response.status == 200:
                self._answers[url] = _Fetched(response, time.monotonic() + self._kept_seconds)
            return response


@cache
def _shared_request() -> CachingRequest:
    return CachingRequest()


def verify_caller(token: str, *, audience: str, allowed_accounts: Collection[str], certs_url: str) -> str:
    """Return the e-mail address of the service account that presents `token`.

    Raises Unauthenticated("caller_token_invalid") for a token that is malformed, tampered with, expired, for another audience or from
    another issuer; Forbidden("caller_not_allowed") for an account that is not among `allowed_accounts` or not verified; and
    Unavailable("certificates_unavailable") where Google's keys cannot be fetched, so that the caller tries again.
    """
    try:
        claims = id_token.verify_token(token, _shared_request(), audience, certs_url, clock_skew_in_seconds=CLOCK_SKEW_SECONDS)
    except TransportError as error:
        raise Unavailable("certificates_unavailable", "The certificates that verify callers cannot be fetched.") from error
    except (ValueError, GoogleAuthError, jwt.PyJWTError) as refusal:
        raise Unauthenticated(
            "caller_token_invalid", "The OIDC token does not verify.", f"Ask for one with audience {audience}."
        ) from refusal
    if claims.get("iss") not in GOOGLE_ISSUERS:
        raise Unauthenticated("caller_token_invalid", "The OIDC token was not issued by Google.")
    email = claims.get("email")
    if not isinstance(email, str) or claims.get("email_verified") is not True or email not in allowed_accounts:
        raise Forbidden(
            "caller_not_allowed", "This account may not call the worker.", "Call it as one of INVOKER_ACCOUNT and CALLER_ACCOUNTS."
        )
    return email


def verified_caller(request: Request, bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> str:
    """The service account that calls. Raises Unauthenticated("caller_token_missing") and what `verify_caller` raises."""
    if bearer is None:
        raise Unauthenticated("caller_token_missing", "The worker takes calls with an OIDC token only.")
    container: Container = request.app.state.container
    settings = container.settings
    allowed = (settings.invoker_account, *settings.caller_accounts)
    return verify_caller(bearer.credentials, audience=settings.worker_url, allowed_accounts=allowed, certs_url=settings.oidc_certs_url)


VerifiedCaller = Annotated[str, Depends(verified_caller)]
