"""The local stack's identity provider: service accounts of one project, one key that signs for all, and Google's endpoints around it."""

import argparse
import base64
import binascii
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

GOOGLE_ISSUER = "https://accounts.google.com"
JWT_BEARER_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_LIFETIME_SECONDS = 3600
CREDENTIALS_FILE = "service-account.json"
# The official Pub/Sub emulator waits at most this long for a push subscriber (the service's maximum acknowledgement deadline).
PUSH_TIMEOUT_SECONDS = 600
# Headers that belong to one connection and are written anew for the forwarded request.
CONNECTION_HEADERS = {"host", "content-length", "connection", "transfer-encoding", "keep-alive", "authorization", "accept-encoding"}


@dataclass(frozen=True)
class Identity:
    """A service account with its private key, as `service-account.json` in `directory` holds it.

    `GOOGLE_APPLICATION_CREDENTIALS` naming that file makes every unmodified Google client authenticate as this account. Others of
    its project have files of their own (`credentials_of`) with the same key: who one is differs here, what one may do does not.
    """

    directory: Path
    client_email: str
    project: str
    token_uri: str
    key_id: str
    private_key: rsa.RSAPrivateKey

    @classmethod
    def load_or_create(cls, directory: Path, token_uri: str, project: str) -> "Identity":
        """Return the identity in `directory`, creating it first where there is none.

        Safe to call from several processes at once: all of them return the same key. An existing file wins over `token_uri` and
        `project`, because only the identity stand-in knows where it listens (see `with_token_uri`).
        """
        path = directory / CREDENTIALS_FILE
        if not path.exists():
            directory.mkdir(parents=True, exist_ok=True)
            unfinished = _write_unfinished(directory, _new_service_account(token_uri, project))
            try:
                # A hard link appears whole or not at all, and never replaces what another process linked a moment before.
                os.link(unfinished, path)
            except FileExistsError:
                pass
            finally:
                unfinished.unlink()
        return cls.load(directory)

    @classmethod
    def load(cls, directory: Path) -> "Identity":
        """Return the identity in `directory`; FileNotFoundError where none was created yet."""
        account = json.loads((directory / CREDENTIALS_FILE).read_text())
        private_key = serialization.load_pem_private_key(account["private_key"].encode(), password=None)
        if not isinstance(private_key, rsa.RSAPrivateKey):
            raise TypeError(f"{directory / CREDENTIALS_FILE} holds a key that is not RSA. Delete the file: it is created anew.")
        return cls(directory, account["client_email"], account["project_id"], account["token_uri"], account["private_key_id"], private_key)

    def with_token_uri(self, token_uri: str) -> "Identity":
        """Return this identity with its file pointing at `token_uri`, for a stack that moved to another port. The key stays."""
        if token_uri == self.token_uri:
            return self
        path = self.directory / CREDENTIALS_FILE
        account = json.loads(path.read_text()) | {"token_uri": token_uri}
        _write_unfinished(self.directory, account).replace(path)
        return replace(self, token_uri=token_uri)

    @property
    def credentials_path(self) -> Path:
        """The file for GOOGLE_APPLICATION_CREDENTIALS."""
        return self.directory / CREDENTIALS_FILE

    def knows(self, email: str) -> bool:
        """Whether `email` is a service account of the project."""
        return email.endswith(f"@{self.project}.iam.gserviceaccount.com")

    def credentials_of(self, email: str) -> Path:
        """The file for GOOGLE_APPLICATION_CREDENTIALS of another account of the project."""
        path = self.directory / f"{email.partition('@')[0]}.json"
        account = json.loads(self.credentials_path.read_text()) | {"client_email": email}
        if not path.exists() or json.loads(path.read_text()) != account:
            _write_unfinished(self.directory, account).replace(path)
        return path

    @cached_property
    def public_key_pem(self) -> str:
        """The public key (SubjectPublicKeyInfo, PEM) for verifying signed URLs and self-signed JWTs."""
        encoded = self.private_key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        return encoded.decode()

    @cached_property
    def certificate_pem(self) -> str:
        """A self-signed X.509 certificate of the public key: the form in which Google publishes its keys."""
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, self.client_email)])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.private_key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=3650))
            .sign(self.private_key, hashes.SHA256())
        )
        return certificate.public_bytes(serialization.Encoding.PEM).decode()

    def id_token(self, email: str, audience: str) -> str:
        """Return an OIDC token as Google issues it to service account `email`: RS256, valid for one hour."""
        return self._sign({"iss": GOOGLE_ISSUER, "aud": audience, "azp": email, "sub": email, "email": email, "email_verified": True})

    def access_token(self, scope: str, email: str | None = None) -> str:
        """Return an access token, valid for one hour. It is a signed JWT, so that every stand-in can verify it without asking."""
        return self._sign({"iss": self.token_uri, "sub": email or self.client_email, "scope": scope})

    def sign_blob(self, payload: bytes) -> bytes:
        """Return the RSA PKCS #1 v1.5 signature with SHA-256 of `payload`, as IAM's signBlob does."""
        return self.private_key.sign(payload, padding.PKCS1v15(), hashes.SHA256())

    def accepts_bearer(self, token: str) -> bool:
        """Whether `token` opens Google APIs: an access token, or a JWT an account signed itself. ID tokens do not, as with Google."""
        try:
            claims = self.verified_claims(token)
        except jwt.InvalidTokenError:
            return False
        return claims.get("iss") != GOOGLE_ISSUER and self.knows(str(claims.get("sub")))

    def verified_claims(self, token: str) -> dict[str, Any]:
        """Return the claims of a token signed with this key; jwt.InvalidTokenError if tampered with, expired or foreign."""
        options: jwt.types.Options = {"verify_aud": False, "require": ["exp"]}
        return jwt.decode(token, self.private_key.public_key(), algorithms=["RS256"], options=options)

    def _sign(self, claims: dict[str, Any]) -> str:
        issued_at = int(time.time())
        timed = claims | {"iat": issued_at, "exp": issued_at + TOKEN_LIFETIME_SECONDS}
        return jwt.encode(timed, self.private_key, algorithm="RS256", headers={"kid": self.key_id})


def _new_service_account(token_uri: str, project: str) -> dict[str, str]:
    private_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encoded = private_key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return {
        "type": "service_account",
        "project_id": project,
        "private_key_id": os.urandom(20).hex(),
        "private_key": encoded.decode(),
        "client_email": f"local@{project}.iam.gserviceaccount.com",
        "client_id": "100000000000000000000",
        "token_uri": token_uri,
        "universe_domain": "googleapis.com",
    }


def _write_unfinished(directory: Path, account: dict[str, str]) -> Path:
    """Write `account` under a name of its own, readable by its owner only, ready to be moved into place."""
    descriptor, name = tempfile.mkstemp(dir=directory, prefix=f".{CREDENTIALS_FILE}.")
    with os.fdopen(descriptor, "w") as file:
        json.dump(account, file, indent=2)
    return Path(name)


def _oauth_error(code: str, description: str) -> JSONResponse:
    return JSONResponse({"error": code, "error_description": description}, status_code=400)


def _google_error(code: int, status: str, message: str) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message, "status": status}}, status_code=code)


class _Endpoints:
    """The HTTP face of one identity."""

    def __init__(self, identity: Identity, forwarder: httpx.AsyncClient) -> None:
        self._identity = identity
        self._forwarder = forwarder

    async def token(self, request: Request) -> Response:
        """OAuth 2.0 JWT bearer grant (RFC 7523): an ID token where the assertion names a `target_audience`, else an access token."""
        form = parse_qs((await request.body()).decode())
        if form.get("grant_type") != [JWT_BEARER_GRANT]:
            return _oauth_error("unsupported_grant_type", f"Only {JWT_BEARER_GRANT} is supported.")
        try:
            claims = self._identity.verified_claims(form.get("assertion", [""])[0])
        except jwt.InvalidTokenError as refusal:
            return _oauth_error("invalid_grant", f"Invalid JWT: {refusal}")
        email = str(claims.get("iss"))
        if not self._identity.knows(email):
            return _oauth_error("invalid_grant", "The assertion was issued by an account of another project.")
        audience = claims.get("target_audience")
        if audience:
            return JSONResponse({"id_token": self._identity.id_token(email, audience)})
        token = self._identity.access_token(claims.get("scope", ""), email)
        return JSONResponse({"access_token": token, "expires_in": TOKEN_LIFETIME_SECONDS, "token_type": "Bearer"})

    async def certs(self, _: Request) -> Response:
        """The signing certificates by key id, as https://www.googleapis.com/oauth2/v1/certs serves them."""
        return JSONResponse({self._identity.key_id: self._identity.certificate_pem})

    async def sign_blob(self, request: Request) -> Response:
        """IAM Credentials `signBlob`, for accounts of the project."""
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not self._identity.accepts_bearer(bearer):
            return _google_error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        if not self._identity.knows(request.path_params["email"]):
            return _google_error(404, "NOT_FOUND", "Not found; Gaia id not found for this email.")
        try:
            payload = base64.b64decode((await request.json())["payload"], validate=True)
        except (KeyError, TypeError, ValueError, binascii.Error):
            return _google_error(400, "INVALID_ARGUMENT", "The body must be JSON with a base64 field 'payload'.")
        signature = base64.b64encode(self._identity.sign_blob(payload)).decode()
        return JSONResponse({"keyId": self._identity.key_id, "signedBlob": signature})

    async def push(self, request: Request) -> Response:
        """Forward a Pub/Sub push to the loopback `url` with the OIDC bearer that the emulator leaves out.

        `audience` defaults to the url, as in a push subscription. The subscriber's status decides whether the message is acknowledged.
        """
        url = request.query_params.get("url", "")
        if urlsplit(url).scheme != "http" or urlsplit(url).hostname not in ("127.0.0.1", "localhost"):
            return _google_error(400, "INVALID_ARGUMENT", "The parameter 'url' must be an http URL on the loopback interface.")
        email = request.query_params.get("email") or self._identity.client_email
        token = self._identity.id_token(email, request.query_params.get("audience") or url)
        headers = {name: value for name, value in request.headers.items() if name not in CONNECTION_HEADERS}
        try:
            answer = await self._forwarder.post(url, content=await request.body(), headers=headers | {"authorization": f"Bearer {token}"})
        except httpx.HTTPError as failure:
            print(f"identity: push to {urlsplit(url).netloc} failed: {type(failure).__name__}", file=sys.stderr)
            # Not an acknowledgement: the emulator delivers again.
            return _google_error(503, "UNAVAILABLE", "The push subscriber could not be reached.")
        return Response(answer.content, answer.status_code, media_type=answer.headers.get("content-type"))


async def _healthz(_: Request) -> Response:
    return PlainTextResponse("ok")


def create_app(identity: Identity) -> Starlette:
    """Return the ASGI application that issues and publishes what `identity` signs."""
    forwarder = httpx.AsyncClient(timeout=PUSH_TIMEOUT_SECONDS, trust_env=False)
    endpoints = _Endpoints(identity, forwarder)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with forwarder:
            yield

    routes: list[tuple[str, Callable[[Request], Awaitable[Response]], str]] = [
        ("/healthz", _healthz, "GET"),
        ("/token", endpoints.token, "POST"),
        ("/certs", endpoints.certs, "GET"),
        ("/v1/projects/-/serviceAccounts/{email}:signBlob", endpoints.sign_blob, "POST"),
        ("/push", endpoints.push, "POST"),
    ]
    return Starlette(routes=[Route(path, endpoint, methods=[method]) for path, endpoint, method in routes], lifespan=lifespan)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve the identity in `--state` on `--port` until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.identity", description=__doc__)
    parser.add_argument("--port", type=int, default=8710)
    parser.add_argument("--state", type=Path, required=True, metavar="DIR", help="the identity directory (others name it with --identity)")
    parser.add_argument("--project", default="reelgraph-local")
    options = parser.parse_args(arguments)
    token_uri = f"http://127.0.0.1:{options.port}/token"
    identity = Identity.load_or_create(options.state, token_uri, options.project).with_token_uri(token_uri)
    uvicorn.run(create_app(identity), host="127.0.0.1", port=options.port, log_level="warning", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()
