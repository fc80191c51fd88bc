"""The identity stand-in satisfies unmodified google-auth: it gets credentials and tokens there, and verifies them with its certificates."""

import base64
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import google.auth
import google.auth.transport.requests
import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from google.oauth2 import id_token, service_account

from infra.local.identity import JWT_BEARER_GRANT, Identity
from tests.local.cloud_tasks.support import REPOSITORY, StandIn, Target, stand_in

AUDIENCE = "https://worker.example"

# google-auth annotates these only in part.
fetch_id_token: Callable[..., str] = id_token.fetch_id_token
credentials_from_file: Callable[..., Any] = service_account.Credentials.from_service_account_file


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("identity")


@pytest.fixture(scope="module")
def server(directory: Path) -> Iterator[StandIn]:
    with stand_in("identity", "--state", str(directory)) as running:
        yield running


@pytest.fixture
def identity(server: StandIn, directory: Path) -> Identity:
    return Identity.load(directory)


@pytest.fixture
def request_transport(identity: Identity, monkeypatch: pytest.MonkeyPatch) -> google.auth.transport.requests.Request:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(identity.credentials_path))
    return google.auth.transport.requests.Request()


def signed(identity: Identity, **claims: object) -> str:
    """A token of the identity's key with exactly these claims."""
    return jwt.encode(claims, identity.private_key, algorithm="RS256", headers={"kid": identity.key_id})


def test_default_credentials_refresh_to_an_access_token_that_stand_ins_accept(
    identity: Identity, request_transport: google.auth.transport.requests.Request
) -> None:
    credentials: Any
    credentials, project = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
    credentials.refresh(request_transport)

    assert project == "reelgraph-local"
    assert credentials.valid
    assert identity.accepts_bearer(credentials.token)


def test_self_signed_jwt_of_google_auth_is_accepted_as_bearer(identity: Identity) -> None:
    credentials = credentials_from_file(str(identity.credentials_path), always_use_jwt_access=True)
    credentials._create_self_signed_jwt("https://cloudtasks.googleapis.com/")
    credentials.refresh(None)

    assert identity.accepts_bearer(credentials.token)


def test_fetched_id_token_names_the_account_and_verifies_with_the_published_certificates(
    server: StandIn, identity: Identity, request_transport: google.auth.transport.requests.Request
) -> None:
    token = fetch_id_token(request_transport, AUDIENCE)
    claims = id_token.verify_token(token, request_transport, AUDIENCE, certs_url=f"{server.url}/certs")

    assert claims["iss"] == "https://accounts.google.com"
    assert claims["email"] == identity.client_email
    assert claims["email_verified"] is True
    assert claims["exp"] - claims["iat"] == 3600


def test_id_token_may_name_any_service_account(
    server: StandIn, identity: Identity, request_transport: google.auth.transport.requests.Request
) -> None:
    token = identity.id_token("invoker@reelgraph-local.iam.gserviceaccount.com", AUDIENCE)
    claims = id_token.verify_token(token, request_transport, AUDIENCE, certs_url=f"{server.url}/certs")

    assert claims["email"] == "invoker@reelgraph-local.iam.gserviceaccount.com"


def test_id_token_for_another_audience_is_refused(
    server: StandIn, identity: Identity, request_transport: google.auth.transport.requests.Request
) -> None:
    token = identity.id_token("a@b.example", "https://elsewhere.example")

    with pytest.raises(ValueError, match="wrong audience"):
        id_token.verify_token(token, request_transport, AUDIENCE, certs_url=f"{server.url}/certs")


def test_id_token_with_changed_claims_is_refused(
    server: StandIn, identity: Identity, request_transport: google.auth.transport.requests.Request
) -> None:
    header, payload, signature = identity.id_token("a@b.example", AUDIENCE).split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    forged = base64.urlsafe_b64encode(json.dumps(claims | {"email": "admin@b.example"}).encode()).decode().rstrip("=")

    with pytest.raises(ValueError, match="signature"):
        id_token.verify_token(f"{header}.{forged}.{signature}", request_transport, AUDIENCE, certs_url=f"{server.url}/certs")


def test_expired_id_token_is_refused(
    server: StandIn, identity: Identity, request_transport: google.auth.transport.requests.Request
) -> None:
    now = int(time.time())
    token = signed(identity, iss="https://accounts.google.com", aud=AUDIENCE, email="a@b.example", iat=now - 7200, exp=now - 3600)

    with pytest.raises(ValueError, match="expired"):
        id_token.verify_token(token, request_transport, AUDIENCE, certs_url=f"{server.url}/certs")


def test_bearer_that_is_expired_foreign_or_an_id_token_is_not_accepted(identity: Identity) -> None:
    now = int(time.time())
    foreign_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    claims = {"iss": identity.client_email, "sub": identity.client_email, "iat": now, "exp": now + 3600}

    assert identity.accepts_bearer(signed(identity, **claims))
    assert not identity.accepts_bearer(signed(identity, **(claims | {"exp": now - 1})))
    assert not identity.accepts_bearer(jwt.encode(claims, foreign_key, algorithm="RS256"))
    assert not identity.accepts_bearer(identity.id_token(identity.client_email, AUDIENCE))
    assert not identity.accepts_bearer("not a token")


def test_token_endpoint_refuses_an_assertion_signed_by_another_key(server: StandIn, identity: Identity) -> None:
    foreign_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    now = int(time.time())
    assertion = jwt.encode({"iss": identity.client_email, "iat": now, "exp": now + 60}, foreign_key, algorithm="RS256")

    answer = httpx.post(f"{server.url}/token", data={"grant_type": JWT_BEARER_GRANT, "assertion": assertion})

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_grant"


def test_signed_blob_verifies_with_the_public_key(server: StandIn, identity: Identity) -> None:
    path = f"/v1/projects/-/serviceAccounts/{identity.client_email}:signBlob"
    bearer = {"authorization": f"Bearer {identity.access_token('cloud-platform')}"}

    answer = httpx.post(server.url + path, headers=bearer, json={"payload": base64.b64encode(b"string to sign").decode()})

    key = serialization.load_pem_public_key(identity.public_key_pem.encode())
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(base64.b64decode(answer.json()["signedBlob"]), b"string to sign", padding.PKCS1v15(), hashes.SHA256())
    assert answer.json()["keyId"] == identity.key_id
    assert httpx.post(server.url + path, json={"payload": ""}).status_code == 401


def test_push_reaches_the_subscriber_with_a_bearer_and_returns_its_status(
    server: StandIn, request_transport: google.auth.transport.requests.Request
) -> None:
    target = Target()
    target.will_answer("/events", 503, 204)
    query = urlencode({"url": target.url("/events"), "audience": AUDIENCE})
    message = {"message": {"data": "e30=", "messageId": "1"}, "subscription": "projects/p/subscriptions/s"}

    first = httpx.post(f"{server.url}/push?{query}", json=message)
    second = httpx.post(f"{server.url}/push?{query}", json=message)

    pushed = target.received("/events")[0]
    target.close()
    scheme, _, token = pushed.headers["authorization"].partition(" ")
    assert (first.status_code, second.status_code) == (503, 204)
    assert scheme == "Bearer"
    assert id_token.verify_token(token, request_transport, AUDIENCE, certs_url=f"{server.url}/certs")["email_verified"]
    assert json.loads(pushed.body) == message
    assert pushed.headers["content-type"] == "application/json"


def test_push_goes_nowhere_but_to_the_loopback_interface(server: StandIn) -> None:
    answer = httpx.post(f"{server.url}/push?{urlencode({'url': 'https://example.com/events'})}", json={})

    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"


def test_push_to_a_subscriber_that_is_down_is_not_an_acknowledgement(server: StandIn) -> None:
    target = Target()
    url = target.url("/events")
    target.close()

    assert httpx.post(f"{server.url}/push?{urlencode({'url': url})}", json={}).status_code == 503


def test_processes_that_create_the_identity_at_once_agree_on_one_key(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from infra.local.identity import Identity; "
        "sys.stdin.readline(); "
        "print(Identity.load_or_create(pathlib.Path(sys.argv[1]), 'http://127.0.0.1:1/token', 'reelgraph-local').key_id)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "identity")]
    racers = [subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    keys = []
    for racer in racers:
        assert racer.stdin
        racer.stdin.write("go\n")
        racer.stdin.flush()
    for racer in racers:
        keys.append(racer.communicate(timeout=30)[0].strip())

    assert len(set(keys)) == 1
    assert keys[0]
    assert [file.name for file in (tmp_path / "identity").iterdir()] == ["service-account.json"]


def test_stack_that_moves_to_another_port_keeps_its_key(tmp_path: Path) -> None:
    before = Identity.load_or_create(tmp_path, "http://127.0.0.1:1/token", "reelgraph-local")
    moved = Identity.load_or_create(tmp_path, "http://127.0.0.1:2/token", "reelgraph-local").with_token_uri("http://127.0.0.1:2/token")

    assert Identity.load(tmp_path).token_uri == moved.token_uri == "http://127.0.0.1:2/token"
    assert moved.public_key_pem == before.public_key_pem
    assert (tmp_path / "service-account.json").stat().st_mode & 0o077 == 0


def test_identity_ends_promptly_when_asked_to(tmp_path: Path) -> None:
    with stand_in("identity", "--state", str(tmp_path)) as running:
        assert running.terminate() < 2
