"""The application around the routes: transactions, membership, limits, headers, the canvas, and the process itself."""

import base64
import hashlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Annotated, Any
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, select, text
from sqlalchemy.engine import Engine

from services.api.__main__ import main
from services.api.app import BODY_LIMIT_BYTES, create_app
from services.api.dependencies import CurrentUser, UnitOfWork, member
from services.core.accounts.authorization import Action, Membership
from services.core.accounts.model import ProjectMember, User
from services.core.bootstrap import Container
from services.core.kit.database import Database, make_engine
from services.core.kit.ids import new_id
from services.core.projects.model import Project
from services.core.settings import Settings, SettingsError

REGISTRATION = {"email": "ada@example.com", "password": "correct horse battery"}


def nowhere() -> Database:
    """A database that does not answer."""
    return Database(create_engine("postgresql+pg8000://nobody@127.0.0.1:1/nothing"))


# Health and settings


def test_the_process_is_healthy_but_not_ready_while_the_database_is_away(container: Container) -> None:
    client = TestClient(create_app(replace(container, database=nowhere())))

    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["code"]) == (503, "database_unavailable")


def test_the_service_is_ready_when_the_database_answers(client: TestClient) -> None:
    assert client.get("/readyz").status_code == 200


def test_a_request_while_the_database_is_away_is_told_to_come_back(container: Container) -> None:
    client = TestClient(create_app(replace(container, database=nowhere())))

    answer = client.post("/api/auth/register", json=REGISTRATION)

    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert answer.headers["retry-after"]


def test_the_browser_learns_where_to_listen_and_no_secret(client: TestClient, settings: Settings) -> None:
    answer = client.get("/config.json")

    assert answer.json() == {
        "live": "firestore",
        "events": "pubsub",
        "firestore": {"project": "reelgraph-test", "emulator_host": "127.0.0.1:8721", "api_key": None},
    }
    assert answer.headers["cache-control"] == "no-cache"
    assert settings.jwt_secret.get_secret_value() not in answer.text


def test_the_browser_learns_that_there_is_no_firestore(container: Container, settings: Settings) -> None:
    over_sockets = settings.model_copy(update={"live": "ws", "events": "direct"})

    answer = TestClient(create_app(replace(container, settings=over_sockets))).get("/config.json")

    assert answer.json() == {"live": "ws", "events": "direct", "firestore": None}


# Transactions


def test_a_commit_that_fails_is_not_answered_with_success(app: FastAPI) -> None:
    router = APIRouter()

    @router.post("/api/test/things", status_code=201)
    def add_twice(session: UnitOfWork) -> str:
        session.execute(text("CREATE TEMP TABLE things (id int UNIQUE DEFERRABLE INITIALLY DEFERRED) ON COMMIT DROP"))
        session.execute(text("INSERT INTO things VALUES (1), (1)"))  # checked only at commit
        return "added"

    app.include_router(router)

    answer = TestClient(app).post("/api/test/things")

    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")


def test_an_error_after_a_change_undoes_the_change(app: FastAPI, database: Database) -> None:
    router = APIRouter()

    @router.post("/api/test/projects")
    def add_and_fail(session: UnitOfWork) -> None:
        session.add(Project(id=new_id(), name="half", spending_limit_microusd=0))
        session.flush()
        raise RuntimeError("after the change")

    app.include_router(router)

    assert TestClient(app).post("/api/test/projects").status_code == 500
    with database.unit_of_work() as session:
        assert session.scalars(select(Project)).all() == []


def test_what_a_request_told_the_outbox_is_delivered_after_its_commit(app: FastAPI, database: Database) -> None:
    delivered: list[UUID] = []
    database.deliver = delivered.extend
    router = APIRouter()
    told = new_id()

    @router.post("/api/test/told")
    def tell(session: UnitOfWork) -> None:
        session.info["outbox_ids"] = [told]

    app.include_router(router)

    assert TestClient(app).post("/api/test/told").status_code == 200
    assert delivered == [told]


def test_more_requests_than_threads_and_connections_all_get_their_turn(container: Container, settings: Settings) -> None:
    """Without the slots the threads all wait for connections whose holders wait for threads, until the pool times out after 30 s."""
    narrow = settings.model_copy(update={"db_pool_size": 1})
    engine = make_engine(narrow)
    with TestClient(create_app(replace(container, settings=narrow, database=Database(engine)))) as client:
        token = client.post("/api/auth/register", json=REGISTRATION).json()["access_token"]
        began = monotonic()
        with ThreadPoolExecutor(60) as threads:
            answers = list(threads.map(lambda _: client.get("/api/auth/me", headers={"Authorization": f"Bearer {token}"}), range(120)))
        took_seconds = monotonic() - began
    engine.dispose()

    assert {answer.status_code for answer in answers} == {200}
    assert took_seconds < 20


# Membership


@pytest.fixture
def members(client: TestClient, app: FastAPI, database: Database, bearer: Callable[[str], dict[str, str]]) -> tuple[UUID, dict[str, Any]]:
    """A project with an owner and a viewer; bob is a stranger to it. Answers its id and the headers of each."""
    router = APIRouter(prefix="/api/test/projects/{project_id}")

    @router.get("")
    def view(membership: Annotated[Membership, member(Action.VIEW_PROJECT)]) -> str:
        return membership.role

    @router.post("/runs")
    def run(membership: Annotated[Membership, member(Action.RUN_WORK)], user: CurrentUser) -> bool:
        return membership.user_id == user.id

    app.include_router(router)
    headers = {name: bearer(f"{name}@example.com") for name in ("owner", "viewer", "bob")}
    project = Project(id=new_id(), name="Trailer", spending_limit_microusd=0)
    with database.unit_of_work() as session:
        session.add(project)
        session.flush()
        for role in ("owner", "viewer"):
            user_id = session.scalars(select(User.id).where(User.email == f"{role}@example.com")).one()
            session.add(ProjectMember(project_id=project.id, user_id=user_id, role=role))
    return project.id, headers


def test_a_stranger_cannot_tell_a_project_from_one_that_does_not_exist(client: TestClient, members: tuple[UUID, dict[str, Any]]) -> None:
    project_id, headers = members
    traced = headers["bob"] | {"X-Request-Id": "one-and-the-same"}

    existing = client.get(f"/api/test/projects/{project_id}", headers=traced)
    missing = client.get(f"/api/test/projects/{new_id()}", headers=traced)

    assert (existing.status_code, existing.json()["code"]) == (404, "project_not_found")
    assert existing.content == missing.content


def test_a_viewer_may_look_and_is_told_what_running_takes(client: TestClient, members: tuple[UUID, dict[str, Any]]) -> None:
    project_id, headers = members

    assert client.get(f"/api/test/projects/{project_id}", headers=headers["viewer"]).json() == "viewer"
    refused = client.post(f"/api/test/projects/{project_id}/runs", headers=headers["viewer"])
    assert (refused.status_code, refused.json()["code"]) == (403, "role_too_low")
    assert refused.json()["needed_role"] == "editor"


def test_an_owner_may_run(client: TestClient, members: tuple[UUID, dict[str, Any]]) -> None:
    project_id, headers = members

    assert client.post(f"/api/test/projects/{project_id}/runs", headers=headers["owner"]).json() is True


# Limits and headers


def test_a_body_declared_too_large_is_refused_unread(client: TestClient) -> None:
    answer = client.post("/api/auth/login", content=b"x" * (BODY_LIMIT_BYTES + 1), headers={"content-type": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (413, "request_too_large")


def test_a_body_that_grows_too_large_is_refused(client: TestClient) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(3):
            yield b"x" * (BODY_LIMIT_BYTES // 2)

    answer = client.post("/api/auth/login", content=chunks(), headers={"content-type": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (413, "request_too_large")


def test_a_body_of_the_limit_is_read(client: TestClient) -> None:
    body = b'{"email": "' + b"x" * (BODY_LIMIT_BYTES - 13) + b'"}'
    assert len(body) == BODY_LIMIT_BYTES

    answer = client.post("/api/auth/login", content=body, headers={"content-type": "application/json"})

    assert answer.json()["code"] == "request_invalid"


def test_answers_of_the_api_are_neither_stored_nor_framed_nor_sniffed(client: TestClient) -> None:
    headers = client.get("/api/auth/me").headers

    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "strict-transport-security" not in headers


def test_another_origin_may_call_only_where_settings_allow_it(container: Container, settings: Settings) -> None:
    dev = "http://127.0.0.1:3000"
    preflight = {"Origin": dev, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "idempotency-key"}
    allowing = replace(container, settings=settings.model_copy(update={"allowed_origins": (dev,)}))

    allowed = TestClient(create_app(allowing)).options("/api/auth/login", headers=preflight)
    refused = TestClient(create_app(container)).options("/api/auth/login", headers=preflight)

    assert allowed.headers["access-control-allow-origin"] == dev
    assert allowed.headers["access-control-allow-credentials"] == "true"
    assert "access-control-allow-origin" not in refused.headers


# The description


def test_every_operation_is_named_after_its_function_and_documents_problems(client: TestClient) -> None:
    schema = client.get("/api/openapi.json").json()

    operations = [operation for path in schema["paths"].values() for operation in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert {"register", "login", "refresh", "logout", "me", "healthz", "readyz", "config"} <= set(names)
    assert len(names) == len(set(names))
    for operation in operations:
        problem = operation["responses"]["default"]["content"]["application/problem+json"]["schema"]
        assert problem == {"$ref": "#/components/schemas/Problem"}
        assert "422" not in operation["responses"]
    assert {"code", "detail", "advice"} <= set(schema["components"]["schemas"]["Problem"]["properties"])
    assert schema["info"]["title"] == "Reelgraph"


# The canvas

SCRIPT = "self.__next_f.push([1])"


@pytest.fixture
def canvas(tmp_path: Path, container: Container, settings: Settings) -> TestClient:
    """The API with a static export as Next.js writes it."""
    export = tmp_path / "out"
    (export / "_next/static/chunks").mkdir(parents=True)
    (export / "canvas").mkdir()
    (export / "index.html").write_text("<h1>Projects</h1>")
    (export / "canvas.html").write_text(f"<h1>Canvas</h1><script src='/a.js'></script><script id='x'>{SCRIPT}</script>")
    (export / "canvas/__next.txt").write_text("data of the page")
    (export / "404.html").write_text("<h1>Nothing here</h1>")
    (export / "_next/static/chunks/main.js").write_text("console.log(1);" * 500)
    (tmp_path / "secret.txt").write_text("outside")
    return TestClient(create_app(replace(container, settings=settings.model_copy(update={"canvas_directory": str(export)}))))


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/", 200, "Projects"),
        ("/canvas", 200, "Canvas"),
        ("/canvas?project=1", 200, "Canvas"),
        ("/canvas/", 200, "Canvas"),
        ("/canvas/__next.txt", 200, "data of the page"),
        ("/nothing", 404, "Nothing here"),
        ("/_next/static/gone.js", 404, "Nothing here"),
        ("/%2e%2e/secret.txt", 404, "Nothing here"),
    ],
)
def test_the_canvas_is_served_on_the_same_origin(canvas: TestClient, path: str, status: int, words: str) -> None:
    answer = canvas.get(path, follow_redirects=False)

    assert answer.status_code == status
    assert words in answer.text


def test_only_files_named_by_their_hash_are_kept_without_asking(canvas: TestClient) -> None:
    assert canvas.get("/_next/static/chunks/main.js").headers["cache-control"] == "public, max-age=31536000, immutable"
    assert canvas.get("/canvas").headers["cache-control"] == "no-cache"
    assert canvas.get("/_next/static/gone.js").headers["cache-control"] == "no-cache"


def test_a_page_that_did_not_change_is_not_sent_again(canvas: TestClient) -> None:
    etag = canvas.get("/canvas").headers["etag"]

    answer = canvas.get("/canvas", headers={"If-None-Match": etag})

    assert (answer.status_code, answer.content) == (304, b"")


def test_a_page_runs_only_the_inline_scripts_it_was_built_with(canvas: TestClient) -> None:
    expected = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()

    policy = canvas.get("/canvas").headers["content-security-policy"]

    assert policy.startswith(f"script-src 'self' 'sha256-{expected}';")
    assert "sha256" not in canvas.get("/").headers["content-security-policy"]


def test_large_scripts_travel_compressed(canvas: TestClient) -> None:
    assert canvas.get("/_next/static/chunks/main.js", headers={"Accept-Encoding": "gzip"}).headers["content-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/api/nothing", 404), ("POST", "/canvas", 404), ("GET", "/api/auth/login", 405)]
)
def test_programs_get_problems_and_not_pages(canvas: TestClient, method: str, path: str, status: int) -> None:
    answer = canvas.request(method, path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_canvas_that_was_not_built_stops_the_start(container: Container, settings: Settings, tmp_path: Path) -> None:
    missing = settings.model_copy(update={"canvas_directory": str(tmp_path / "out")})

    with pytest.raises(SettingsError, match="CANVAS_DIRECTORY"):
        create_app(replace(container, settings=missing))


# The process


def environment(**changes: str) -> dict[str, str]:
    """The least that a service needs, and nothing of the environment of the test run but the path."""
    least = {
        "PATH": os.environ["PATH"],
        "GOOGLE_CLOUD_PROJECT": "reelgraph-test",
        "GCS_BUCKET": "reelgraph-test",
        "DATABASE_URL": "postgresql+pg8000://nobody@127.0.0.1:1/nothing",
        "QDRANT_HOST": "http://127.0.0.1:1",
        "FACE_FUNCTION_URL": "http://127.0.0.1:1",
        "JWT_SECRET": "a secret of the tests, long enough for HS256",
        "WORKER_URL": "http://worker.test",
        "INVOKER_ACCOUNT": "invoker@reelgraph-test.iam.gserviceaccount.com",
        "HOST": "127.0.0.1",
    }
    return least | changes


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"JWT_SECRET": "short"}, "JWT_SECRET: "),
        ({"GCS_BUCKET": None}, "GCS_BUCKET: "),
        ({"PORT": "http"}, "PORT: "),
        ({"CANVAS_DIRECTORY": "no-such-directory"}, "CANVAS_DIRECTORY: "),
    ],
)
def test_a_wrong_environment_is_explained_in_plain_lines_and_ends_the_process_with_2(
    changes: dict[str, str | None], words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (environment() | changes).items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)

    assert main() == 2

    printed = capsys.readouterr()
    assert words in printed.err
    assert printed.out == ""


@contextmanager
def serving(engine: Engine) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that answers, and its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = environment(PORT=str(port), DATABASE_URL=engine.url.render_as_string(hide_password=False), LIVE="ws", EVENTS="direct")
    process = subprocess.Popen(
        [sys.executable, "-m", "services.api"], env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        url, give_up_at = f"http://127.0.0.1:{port}", monotonic() + 30
        while not answers(url):
            assert process.poll() is None, process.communicate()
            assert monotonic() < give_up_at
            Event().wait(0.05)
        yield process, url
    finally:
        process.kill()
        process.wait()


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def test_sigterm_lets_a_request_that_has_begun_finish(
    engine: Engine, database: Database, wait_for_blocked_transaction: Callable[[], None]
) -> None:
    with serving(engine) as (process, url), ThreadPoolExecutor() as threads:
        with database.unit_of_work() as session:
            # An address that another transaction is just taking makes a registration wait for its end.
            session.add(User(id=new_id(), email=REGISTRATION["email"], display_name="Ada", password_hash=""))
            session.flush()
            begun = threads.submit(httpx.post, f"{url}/api/auth/register", json=REGISTRATION, timeout=15)
            wait_for_blocked_transaction()
            process.send_signal(signal.SIGTERM)
            wait_until_closed(url)
            session.rollback()
        answer = begun.result()
        process.wait(timeout=10)

    assert answer.status_code == 201
    assert process.returncode in (0, -signal.SIGTERM)


def wait_until_closed(url: str) -> None:
    """Returns once the process takes no new connections."""
    give_up_at = monotonic() + 10
    while answers(url):
        assert monotonic() < give_up_at
        Event().wait(0.05)
