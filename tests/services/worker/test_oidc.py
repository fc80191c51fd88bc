"""The worker answers only to accounts that it knows, proven by a token that Google's own library verifies."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread
from time import monotonic, time
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import jwt
import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from infra.local.identity import GOOGLE_ISSUER, Identity
from services.core.kit.errors import Forbidden, Problem, Unauthenticated, Unavailable
from services.worker.oidc import VerifiedCaller, verify_caller

AUDIENCE = "https://worker.test"
INVOKER = "invoker@reelgraph-test.iam.gserviceaccount.com"
FUNCTION = "reelgraph-video-rendered@reelgraph-test.iam.gserviceaccount.com"


class Certificates:
    """Publishes the keys of an identity as Google does, and counts how often it was asked."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self.asked = 0
        self.broken = False

    def app(self) -> Starlette:
        def certs(_: Request) -> JSONResponse:
            self.asked += 1
            if self.broken:
                return JSONResponse({}, 500)
            return JSONResponse({self.identity.key_id: self.identity.certificate_pem})

        # Every test has its own path, so none is answered from what the process remembers of another.
        return Starlette(routes=[Route("/certs/{test}", certs)])


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return Identity.load_or_create(tmp_path_factory.mktemp("identity"), "http://127.0.0.1:1/token", "reelgraph-test")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    """Another key, which nobody published."""
    return Identity.load_or_create(tmp_path_factory.mktemp("stranger"), "http://127.0.0.1:1/token", "reelgraph-test")


@pytest.fixture
def certificates(identity: Identity) -> Certificates:
    return Certificates(identity)


@pytest.fixture
def certs_url(certificates: Certificates) -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(certificates.app(), log_level="error", lifespan="off"))
    thread = Thread(target=server.run, args=([listener],))
    thread.start()
    give_up_at = monotonic() + 10
    while not server.started and monotonic() < give_up_at:
        Event().wait(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/certs/{uuid4()}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def verify(certs_url: str) -> Callable[[str], str]:
    return lambda token: verify_caller(token, audience=AUDIENCE, allowed_accounts=(INVOKER,), certs_url=certs_url)


def signed(identity: Identity, **changes: Any) -> str:
    """A token like `Identity.id_token`, with `changes` to its claims; None takes a claim away."""
    now = int(time())
    claims = {
        "iss": GOOGLE_ISSUER,
        "aud": AUDIENCE,
        "sub": INVOKER,
        "email": INVOKER,
        "email_verified": True,
        "iat": now,
        "exp": now + 3600,
    }
    kept = {name: value for name, value in (claims | changes).items() if value is not None}
    return jwt.encode(kept, identity.private_key, algorithm="RS256", headers={"kid": identity.key_id})


def tampered(token: str) -> str:
    """The token with the first letter of its signature exchanged."""
    start, _, signature = token.rpartition(".")
    return f"{start}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


def test_the_invoker_is_let_in(verify: Callable[[str], str], identity: Identity) -> None:
    assert verify(identity.id_token(INVOKER, AUDIENCE)) == INVOKER


@pytest.mark.parametrize(
    ("make_token", "refusal", "code"),
    [
        (lambda key, _: tampered(signed(key)), Unauthenticated, "caller_token_invalid"),
        (lambda key, other: signed(other), Unauthenticated, "caller_token_invalid"),
        (lambda key, _: signed(key, iat=int(time()) - 7200, exp=int(time()) - 3600), Unauthenticated, "caller_token_invalid"),
        (lambda key, _: signed(key, exp=None), Unauthenticated, "caller_token_invalid"),
        (lambda key, _: signed(key, aud="https://api.test"), Unauthenticated, "caller_token_invalid"),
        (lambda key, _: signed(key, aud=None), Unauthenticated, "caller_token_invalid"),
        (lambda key, _: signed(key, iss="https://accounts.example.com"), Unauthenticated, "caller_token_invalid"),
        (lambda key, _: jwt.encode({"email": INVOKER, "aud": AUDIENCE}, "", algorithm="none"), Unauthenticated, "caller_token_invalid"),
        (lambda key, _: jwt.encode({"aud": AUDIENCE}, "x" * 32, "HS256", {"kid": key.key_id}), Unauthenticated, "caller_token_invalid"),
        (lambda key, _: "", Unauthenticated, "caller_token_invalid"),
        (lambda key, _: "nonsense", Unauthenticated, "caller_token_invalid"),
        (lambda key, _: "a.b.c", Unauthenticated, "caller_token_invalid"),
        (lambda key, _: signed(key, email="somebody@example.com"), Forbidden, "caller_not_allowed"),
        (lambda key, _: signed(key, email=None), Forbidden, "caller_not_allowed"),
        (lambda key, _: signed(key, email_verified=False), Forbidden, "caller_not_allowed"),
        (lambda key, _: signed(key, email_verified=None), Forbidden, "caller_not_allowed"),
        (lambda key, _: signed(key, email_verified="true"), Forbidden, "caller_not_allowed"),
    ],
    ids=[
        "tampered",
        "foreign key",
        "expired",
        "without expiry",
        "other audience",
        "no audience",
        "other issuer",
        "unsigned",
        "signed with a shared secret",
        "empty",
        "no JWT",
        "no JSON",
        "other account",
        "no account",
        "account not verified",
        "account of unknown verification",
        "account verified only in words",
    ],
)
def test_everybody_else_is_refused(
    verify: Callable[[str], str],
    identity: Identity,
    stranger: Identity,
    make_token: Callable[[Identity, Identity], str],
    refusal: type[Problem],
    code: str,
) -> None:
    with pytest.raises(refusal) as refused:
        verify(make_token(identity, stranger))

    assert refused.value.code == code


def test_certificates_are_fetched_once_for_many_calls_at_once(
    verify: Callable[[str], str], identity: Identity, certificates: Certificates
) -> None:
    token = identity.id_token(INVOKER, AUDIENCE)

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(verify, [token] * 24)) == {INVOKER}

    assert certificates.asked == 1


def test_a_failure_to_fetch_certificates_asks_the_caller_to_come_back_and_is_not_remembered(
    verify: Callable[[str], str], identity: Identity, certificates: Certificates
) -> None:
    token = identity.id_token(INVOKER, AUDIENCE)
    certificates.broken = True
    with pytest.raises(Unavailable):
        verify(token)

    certificates.broken = False

    assert verify(token) == INVOKER


def test_certificates_that_nobody_serves_ask_the_caller_to_come_back(identity: Identity) -> None:
    token = identity.id_token(INVOKER, AUDIENCE)

    with pytest.raises(Unavailable):
        verify_caller(token, audience=AUDIENCE, allowed_accounts=(INVOKER,), certs_url="http://127.0.0.1:1/certs")


@pytest.fixture
def worker(certs_url: str) -> TestClient:
    """An application of one route that takes its settings as the worker does."""
    app = FastAPI()
    settings = SimpleNamespace(worker_url=AUDIENCE, invoker_account=INVOKER, caller_accounts=(FUNCTION,), oidc_certs_url=certs_url)
    app.state.container = SimpleNamespace(settings=settings)

    @app.exception_handler(Problem)
    def answer(_: Request, problem: Problem) -> JSONResponse:
        return JSONResponse(problem.document(), problem.status)

    @app.post("/tasks/test")
    def task(caller: VerifiedCaller) -> str:
        return caller

    return TestClient(app)


@pytest.mark.parametrize("caller", [INVOKER, FUNCTION])
def test_a_route_of_the_worker_knows_its_caller(worker: TestClient, identity: Identity, caller: str) -> None:
    answer = worker.post("/tasks/test", headers={"Authorization": f"Bearer {identity.id_token(caller, AUDIENCE)}"})

    assert (answer.status_code, answer.json()) == (200, caller)


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic YTpi"}])
def test_a_route_of_the_worker_refuses_who_brings_no_token(worker: TestClient, headers: dict[str, str]) -> None:
    answer = worker.post("/tasks/test", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "caller_token_missing")
