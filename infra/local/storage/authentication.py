"""Who may call: a bearer token for every API, or a V4 signature (GOOG4-RSA-SHA256) in the query of an XML request."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from urllib.parse import parse_qsl, quote, unquote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from starlette.requests import Request

from infra.local.identity import Identity
from infra.local.storage.errors import StorageError, unauthenticated

ALGORITHM = "GOOG4-RSA-SHA256"
LONGEST_EXPIRY_SECONDS = 7 * 24 * 3600
# How far the clock of a signer may run ahead of ours.
CLOCK_SKEW = timedelta(minutes=15)
SPACES = re.compile(r"\s+")
REQUIRED_PARAMETERS = ("X-Goog-Algorithm", "X-Goog-Credential", "X-Goog-Date", "X-Goog-Expires", "X-Goog-SignedHeaders")


@dataclass(frozen=True)
class _SignedQuery:
    """The X-Goog-* parameters of a signed URL, checked for form."""

    account: str
    scope: str
    date: str
    signed_at: datetime
    expires_at: datetime
    signed_headers: list[str]
    signature: bytes

    def string_to_sign(self, request: Request) -> bytes:
        """Return what the holder of the key signed, if `request` is the one that was meant."""
        canonical = hashlib.sha256(_canonical_request(request, self.signed_headers).encode()).hexdigest()
        return "\n".join((ALGORITHM, self.date, self.scope, canonical)).encode()


class Authentication:
    """Checks requests against one identity."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @cached_property
    def _public_key(self) -> rsa.RSAPublicKey:
        key = load_pem_public_key(self._identity.public_key_pem.encode())
        if not isinstance(key, rsa.RSAPublicKey):
            raise TypeError("the identity's key is not an RSA key")
        return key

    def require_bearer(self, request: Request) -> None:
        """Raise 401 unless the request carries a token that the identity accepts."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not self._identity.accepts_bearer(token.strip()):
            raise unauthenticated()

    def require_signature_or_bearer(self, request: Request) -> None:
        """Raise 400, 401 or 403 unless an XML request carries a valid V4 signature, or else a bearer token."""
        if "authorization" in request.headers:
            self.require_bearer(request)
        elif "X-Goog-Signature" in request.query_params:
            self._require_signature(request)
        else:
            raise StorageError(403, "forbidden", "AccessDenied", "Anonymous caller does not have access to this resource.")

    def _require_signature(self, request: Request) -> None:
        signed = _parse_query(request)
        _check_headers(request, signed.signed_headers)
        if not self._identity.knows(signed.account):
            raise StorageError(403, "forbidden", "InvalidAccessKeyId", "The service account in X-Goog-Credential is not known.")
        try:
            self._public_key.verify(signed.signature, signed.string_to_sign(request), padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature as mismatch:
            message = "Access denied. The request signature we calculated does not match the signature you provided."
            raise StorageError(403, "forbidden", "SignatureDoesNotMatch", message) from mismatch
        now = datetime.now(UTC)
        if now > signed.expires_at:
            raise _malformed(
                "ExpiredToken", f"The provided token has expired. Request signature expired at: {signed.expires_at.isoformat()}"
            )
        if signed.signed_at > now + CLOCK_SKEW:
            raise StorageError(403, "forbidden", "RequestTimeTooSkewed", "X-Goog-Date lies in the future.")


def _malformed(xml_code: str, message: str) -> StorageError:
    return StorageError(400, "invalid", xml_code, message)


def _parse_query(request: Request) -> _SignedQuery:
    parameters = request.query_params
    missing = [name for name in REQUIRED_PARAMETERS if not parameters.get(name)]
    if missing or parameters["X-Goog-Algorithm"] != ALGORITHM:
        raise _malformed("InvalidArgument", f"A signed URL needs {', '.join(REQUIRED_PARAMETERS)}, with algorithm {ALGORITHM}.")
    account, _, scope = parameters["X-Goog-Credential"].partition("/")
    date = parameters["X-Goog-Date"]
    if not re.fullmatch(rf"{re.escape(date[:8])}/[^/]+/storage/goog4_request", scope):
        raise _malformed("AuthorizationQueryParametersError", "X-Goog-Credential must be ACCOUNT/DATE/LOCATION/storage/goog4_request.")
    try:
        signed_at = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        expiry_seconds = int(parameters["X-Goog-Expires"])
        signature = bytes.fromhex(parameters["X-Goog-Signature"])
    except ValueError as wrong:
        raise _malformed("AuthorizationQueryParametersError", f"Malformed query parameter: {wrong}") from wrong
    if not 0 < expiry_seconds <= LONGEST_EXPIRY_SECONDS:
        raise _malformed("AuthorizationQueryParametersError", f"X-Goog-Expires must be between 1 and {LONGEST_EXPIRY_SECONDS} seconds.")
    signed_headers = parameters["X-Goog-SignedHeaders"].split(";")
    return _SignedQuery(account, scope, date, signed_at, signed_at + timedelta(seconds=expiry_seconds), signed_headers, signature)


def _check_headers(request: Request, signed_headers: list[str]) -> None:
    """Raise 400 unless `host` and every x-goog-* header of the request is signed, and every signed header is there."""
    present = {name for name in request.headers if name.startswith(("x-goog-", "x-amz-"))} | {"host"}
    unsigned = sorted(present - set(signed_headers))
    absent = sorted(name for name in signed_headers if name not in request.headers)
    if unsigned:
        raise _malformed("MalformedSecurityHeader", f"Header was in the request, but not included in signedheaders: {', '.join(unsigned)}")
    if absent:
        raise _malformed("MalformedSecurityHeader", f"Header was included in signedheaders, but not in the request: {', '.join(absent)}")


def _canonical_request(request: Request, signed_headers: list[str]) -> str:
    """Rebuild the canonical request of cloud.google.com/storage/docs/authentication/canonical-requests."""
    path = quote(unquote(request.scope["raw_path"].decode("latin-1")), safe="/~")
    query = parse_qsl(request.url.query, keep_blank_values=True)
    pairs = sorted(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in query if name != "X-Goog-Signature")
    values = {name: SPACES.sub(" ", ",".join(request.headers.getlist(name))).strip() for name in signed_headers}
    headers = "".join(f"{name}:{value}\n" for name, value in values.items())
    payload = values.get("x-goog-content-sha256", "UNSIGNED-PAYLOAD")
    return "\n".join((request.method, path, "&".join(pairs), headers, ";".join(signed_headers), payload))
