"""The worker's routes: only for the invoker, harmless when late or repeated, and a sweep in which one fault does not stop the rest."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
import structlog
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import create_engine, func, select
from sqlalchemy.engine import Engine
from starlette.routing import BaseRoute

from infra.local.identity import Identity
from services.core.accounts import tickets
from services.core.accounts.model import SocketTicket
from services.core.assets.model import Asset
from services.core.assets.service import UPLOAD_LIFETIME
from services.core.bootstrap import Container, build_container
from services.core.characters.model import Face
from services.core.characters.service import Characters
from services.core.jobs.model import Job
from services.core.kit.database import Database
from services.core.kit.ids import new_id
from services.core.outbox.drain import Drain
from services.core.outbox.model import OutboxRow
from services.core.projects.model import Node, Project
from services.core.settings import Settings
from services.worker.app import create_app
from tests.services.api.world import AbsentIndex, MemoryStore, Person, World, a_face

WORKER = "https://worker.test"
INVOKER = "invoker@reelgraph-test.iam.gserviceaccount.com"
UPLOADS, MEDIA, RENDERS = "reelgraph-test-uploads", "reelgraph-test-media", "reelgraph-test-renders"

Post = Callable[..., Any]


@dataclass
class MovableClock:
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.now


class RecordingDispatcher:
    """Takes what the outbox delivers."""

    def __init__(self) -> None:
        self.delivered: list[Mapping[str, Any]] = []

    def dispatch(self, row_id: UUID, payload: Mapping[str, Any]) -> None:
        self.delivered.append(payload)


class RecordingIndex(AbsentIndex):
    """A Qdrant that only remembers what it was told to forget."""

    def __init__(self) -> None:
        super().__init__()
        self.forgotten: list[UUID] = []

    def delete_faces(self, ids: Any) -> None:
        self.forgotten += ids

    def delete_project(self, project_id: UUID) -> None:
        self.forgotten.append(project_id)


@pytest.fixture(autouse=True)
def plain_logs() -> Iterator[None]:
    """One line for each log entry, with the stack as Python prints it."""
    structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()])
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return Identity.load_or_create(tmp_path_factory.mktemp("identity"), "http://127.0.0.1:1/token", "reelgraph-test")


@pytest.fixture(scope="module")
def certs_url(identity: Identity) -> Iterator[str]:
    """Publishes the key of the identity as Google does."""
    body = json.dumps({identity.key_id: identity.certificate_pem}).encode()

    class Certificates(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Certificates)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/certs"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def index() -> RecordingIndex:
    return RecordingIndex()


@pytest.fixture
def dispatcher() -> RecordingDispatcher:
    return RecordingDispatcher()


@pytest.fixture
def container(
    engine: Engine,
    database: Database,
    clock: MovableClock,
    index: RecordingIndex,
    dispatcher: RecordingDispatcher,
    identity: Identity,
    certs_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Container:
    """The worker as it is wired; outside are buckets that only remember, an index, and one who takes all deliveries."""
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(identity.credentials_path))
    settings = Settings(
        google_cloud_project="reelgraph-test",
        gcs_bucket="reelgraph-test",
        database_url=SecretStr(engine.url.render_as_string(hide_password=False)),
        instance_connection_name=None,
        qdrant_host="http://127.0.0.1:1",
        face_function_url="http://127.0.0.1:1",
        jwt_secret=SecretStr("a secret of the tests, long enough for HS256"),
        worker_url=WORKER,
        invoker_account=INVOKER,
        oidc_certs_url=certs_url,
    )
    drain = Drain(database, dict.fromkeys(("tasks", "events", "live"), dispatcher), clock)
    wired = build_container(settings, clock)
    return replace(wired, database=database, drain=drain, store=MemoryStore(), characters=Characters(database, index, clock))


@pytest.fixture
def app(container: Container) -> FastAPI:
    return create_app(container)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


@pytest.fixture
def post(client: TestClient, identity: Identity) -> Post:
    """Calls a task as Cloud Tasks does."""
    headers = {"Authorization": f"Bearer {identity.id_token(INVOKER, WORKER)}"}
    return lambda path, body=None: client.post(path, json=body or {}, headers=headers)


@pytest.fixture
def store(container: Container) -> MemoryStore:
    assert isinstance(container.store, MemoryStore)
    return container.store


@pytest.fixture
def world(container: Container) -> World:
    return World(container)


@pytest.fixture
def ada(world: World) -> Person:
    return world.person("ada")


@pytest.fixture
def project_id(world: World, ada: Person) -> UUID:
    return world.project(ada)


def paths_of(routes: list[BaseRoute]) -> Iterator[str]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield route.path
        else:  # FastAPI keeps an included router as one entry
            yield from paths_of(route.original_router.routes)  # type: ignore[attr-defined]  # a private class; a new kind fails here


# Who may call


def test_every_route_but_health_is_a_task_for_the_invoker_alone(client: TestClient, app: FastAPI, identity: Identity) -> None:
    paths = set(paths_of(app.routes))
    tasks = {path for path in paths if path.startswith("/tasks/")}
    assert paths - tasks == {"/healthz", "/readyz", "/diagnostics"}
    assert len(tasks) > 10
    somebody = {"Authorization": f"Bearer {identity.id_token('somebody@example.com', WORKER)}"}
    elsewhere = {"Authorization": f"Bearer {identity.id_token(INVOKER, 'https://api.test')}"}

    def codes(headers: dict[str, str]) -> set[tuple[int, str]]:
        answers = [client.post(path, json={}, headers=headers) for path in tasks]
        return {(answer.status_code, answer.json()["code"]) for answer in answers}

    assert codes({}) == {(401, "caller_token_missing")}
    assert codes({"Authorization": "Bearer nonsense"}) == {(401, "caller_token_invalid")}
    assert codes(elsewhere) == {(401, "caller_token_invalid")}
    assert codes(somebody) == {(403, "caller_not_allowed")}


def test_health_needs_no_token_and_readiness_needs_the_database(client: TestClient, container: Container) -> None:
    away = Database(create_engine("postgresql+pg8000://nobody@127.0.0.1:1/nothing"))
    unready = TestClient(create_app(replace(container, database=away)))

    assert (client.get("/healthz").status_code, client.get("/readyz").status_code) == (200, 200)
    assert (unready.get("/healthz").status_code, unready.get("/readyz").status_code) == (200, 503)


def test_the_worker_describes_itself_to_nobody(client: TestClient) -> None:
    assert {client.get(path).status_code for path in ("/openapi.json", "/docs", "/redoc")} == {404}


# Late and repeated tasks


@pytest.mark.parametrize("path", ["submit", "poll", "poll-now", "check", "settle"])
def test_a_job_that_is_gone_asks_for_nothing_more(post: Post, path: str) -> None:
    answer = post(f"/tasks/{path}", {"job_id": str(new_id())})

    assert (answer.status_code, answer.json()) == (200, {"result": {"gone": "job_not_found"}})


def test_other_things_that_are_gone_ask_for_nothing_more(post: Post, project_id: UUID) -> None:
    unknown = str(new_id())
    rendered = {"bucket": RENDERS, "name": f"{new_id()}/{new_id()}/sample_0.mp4", "generation": "1"}

    assert post("/tasks/object-finalized", rendered).json() == {"result": {"gone": "job_not_found"}}
    assert post("/tasks/object-finalized", rendered | {"name": "somebody/elses.txt"}).json() == {"result": {}}
    assert post("/tasks/delete-original", {"asset_id": unknown}).json() == {"result": {"gone": "file_not_found"}}
    assert post("/tasks/inspect-again", {"asset_id": unknown}).json() == {"result": {"asked": False}}
    assert post("/tasks/index-faces", {"asset_id": unknown}).json() == {"result": {"indexed": 0}}
    assert post("/tasks/forget-face", {"face_id": unknown}).json() == {"result": {}}
    assert post("/tasks/follow-export", {"export_id": unknown}).json() == {"result": {"gone": "export_not_found"}}
    assert post("/tasks/stop-export", {"export_id": unknown}).json() == {"result": {"gone": "export_not_found"}}


@pytest.mark.parametrize("path", ["poll", "poll-now", "check", "settle"])
def test_a_task_for_a_job_in_another_state_does_nothing(post: Post, world: World, ada: Person, project_id: UUID, path: str) -> None:
    _, job_id = world.run(project_id, ada, world.node(project_id, ada, "video", prompt="a"))
    with world.container.database.unit_of_work() as session:
        before = session.get_one(Job, job_id).version

    assert post(f"/tasks/{path}", {"job_id": str(job_id)}).json() == {"result": {}}

    with world.container.database.unit_of_work() as session:
        job = session.get_one(Job, job_id)
        assert (job.version, job.state) == (before, "queued")


def test_a_task_without_form_is_refused(post: Post) -> None:
    assert post("/tasks/submit", {"job_id": "x"}).status_code == 422
    assert post("/tasks/submit", {"job_id": str(new_id()), "added_later": 1}).status_code == 200


# Commands


def test_a_command_is_answered_and_a_bad_one_is_not_wanted_again(
    post: Post, client: TestClient, world: World, ada: Person, project_id: UUID
) -> None:
    world.node(project_id, ada, "video", prompt="a")
    record = {"id": "1", "type": "reelgraph.run.v1.start", "project_id": str(project_id), "scope": "all", "node_id": "", "inputs": "{}"}
    closed = post("/tasks/command", record)
    with world.container.database.unit_of_work() as session:
        session.get_one(Project, project_id).accepts_commands = True

    accepted = post("/tasks/command", record)

    assert (closed.status_code, closed.json()["code"]) == (422, "commands_not_accepted")
    assert (accepted.status_code, accepted.json()["result"]["type"]) == (200, "command.accepted")
    assert post("/tasks/command", record).json() == accepted.json()
    for bad, code in (
        (record | {"project_id": str(new_id())}, "project_not_found"),
        (record | {"inputs": "{"}, "command_unreadable"),
        (record | {"scope": "node"}, "command_invalid"),
        (record | {"inputs": json.dumps({str(new_id()): {"text": "x"}}), "id": "2"}, "node_not_found"),
        ({}, "request_invalid"),
    ):
        answer = post("/tasks/command", bad)
        assert (answer.status_code, answer.json()["code"]) == (422, code)


# Files and faces


def analyzed(project_id: UUID, asset_id: UUID) -> dict[str, Any]:
    """What the face function posts about a picture with one good face."""
    return {
        "bucket": UPLOADS,
        "name": f"{project_id}/{asset_id}/original",
        "generation": "1",
        "project_id": str(project_id),
        "asset_id": str(asset_id),
        "outcome": {
            "kind": "analyzed",
            "width": 100,
            "height": 100,
            "sha256": "0" * 64,
            "size_bytes": 10,
            "content_type": "image/jpeg",
            "image": {"bucket": MEDIA, "name": "image.jpg"},
            "thumbnail": {"bucket": MEDIA, "name": "thumbnail.webp"},
            "faces": [a_face()],
        },
    }


def test_an_analysis_that_comes_twice_is_recorded_once(post: Post, world: World, ada: Person, project_id: UUID) -> None:
    asset_id = world.upload(project_id, ada)

    first = post("/tasks/face-analyzed", analyzed(project_id, asset_id))
    second = post("/tasks/face-analyzed", analyzed(project_id, asset_id))

    assert (first.json(), second.json()) == ({"result": {"recorded": True}}, {"result": {"recorded": False}})
    with world.container.database.unit_of_work() as session:
        assert session.get_one(Asset, asset_id).state == "ready"
        assert session.scalar(select(func.count()).select_from(Face)) == 1


def test_an_original_leaves_quarantine_only_after_it_was_inspected(
    post: Post, world: World, ada: Person, project_id: UUID, store: MemoryStore
) -> None:
    asset_id = world.upload(project_id, ada)
    original = (UPLOADS, f"{project_id}/{asset_id}/original")
    store.objects[original] = 10

    assert post("/tasks/delete-original", {"asset_id": str(asset_id)}).json() == {"result": {"kept": str(asset_id)}}
    assert original in store.objects

    world.inspected(project_id, asset_id)
    for _ in range(2):
        assert post("/tasks/delete-original", {"asset_id": str(asset_id)}).json() == {"result": {}}
    assert store.objects == {}


def test_an_upload_whose_event_was_lost_is_sent_to_the_face_function(
    post: Post, world: World, ada: Person, project_id: UUID, store: MemoryStore
) -> None:
    asset_id = world.upload(project_id, ada)
    assert post("/tasks/inspect-again", {"asset_id": str(asset_id)}).json() == {"result": {"asked": False}}  # no bytes yet
    store.objects[UPLOADS, f"{project_id}/{asset_id}/original"] = 10

    assert post("/tasks/inspect-again", {"asset_id": str(asset_id)}).json() == {"result": {"asked": True}}

    with world.container.database.unit_of_work() as session:
        (task,) = [row.payload for row in session.scalars(select(OutboxRow)) if row.payload.get("target") == "image_uploaded"]
    assert task["body"]["name"] == f"{project_id}/{asset_id}/original"
    assert task["headers"]["ce-type"] == "google.cloud.storage.object.v1.finalized"


def test_a_deleted_project_is_forgotten_and_a_living_one_never(
    post: Post, world: World, ada: Person, project_id: UUID, store: MemoryStore, index: RecordingIndex
) -> None:
    gone = new_id()
    for of_project in (gone, project_id):
        for bucket in (UPLOADS, MEDIA):
            store.objects[bucket, f"{of_project}/x"] = 1

    for of_project in (gone, project_id):
        assert post("/tasks/forget-project", {"project_id": str(of_project)}).status_code == 200

    assert sorted(store.objects) == [(MEDIA, f"{project_id}/x"), (UPLOADS, f"{project_id}/x")]
    assert index.forgotten == [gone]


def test_a_deleted_face_is_forgotten_and_a_living_one_never(
    post: Post, world: World, ada: Person, project_id: UUID, index: RecordingIndex
) -> None:
    asset_id = world.inspected(project_id, world.upload(project_id, ada), a_face())
    with world.container.database.unit_of_work() as session:
        living = session.scalars(select(Face.id).where(Face.asset_id == asset_id)).one()
    gone = new_id()

    assert post("/tasks/forget-face", {"face_id": str(living)}).json() == {"result": {"kept": str(living)}}
    assert post("/tasks/forget-face", {"face_id": str(gone)}).status_code == 200

    assert index.forgotten == [gone]


# Admission and live documents


def forget_admission(world: World, job_id: UUID) -> None:
    """Have a queued job wait as if there had been no room for it."""
    with world.container.database.unit_of_work() as session:
        job = session.get_one(Job, job_id)
        job.admitted_at = job.next_check_at = None


def test_jobs_of_a_model_are_admitted(post: Post, world: World, ada: Person, project_id: UUID) -> None:
    _, job_id = world.run(project_id, ada, world.node(project_id, ada, "video", prompt="a"))
    forget_admission(world, job_id)

    assert post("/tasks/admit", {"model": "veo-3.1-generate-001"}).json() == {"result": {"admitted": 1}}
    assert post("/tasks/admit", {"model": "veo-3.1-generate-001"}).json() == {"result": {"admitted": 0}}


def test_live_documents_are_written_anew_from_postgres(post: Post, world: World, ada: Person, project_id: UUID) -> None:
    with world.container.database.unit_of_work() as session:
        session.query(OutboxRow).delete()

    assert post("/tasks/reproject").json() == {"result": {"documents": 2}}  # one member, one project

    with world.container.database.unit_of_work() as session:
        kinds = sorted(row.payload["kind"] for row in session.scalars(select(OutboxRow)))
    assert kinds == ["member", "project"]
    assert post("/tasks/project-revision", {"project_id": str(project_id)}).status_code == 200


# The sweep


@dataclass
class Neglected:
    """What nobody was at for a long time."""

    job_id: UUID
    asset_id: UUID
    node_id: UUID


@pytest.fixture
def neglected(world: World, ada: Person, project_id: UUID, clock: MovableClock) -> Neglected:
    """A queued job that was not admitted, an upload without bytes, a live document past its time, and a stale ticket."""
    asset_id = world.upload(project_id, ada)
    node_id = world.node(project_id, ada, "video", prompt="a")
    _, job_id = world.run(project_id, ada, node_id)
    forget_admission(world, job_id)
    with world.container.database.unit_of_work() as session:
        session.get_one(Node, node_id).live_until = clock.now
        tickets.issue(session, ada.id, project_id, clock.now)
    clock.now += UPLOAD_LIFETIME + timedelta(minutes=1)
    return Neglected(job_id, asset_id, node_id)


def done(world: World, neglected: Neglected) -> dict[str, bool]:
    """Which of the neglected things were seen to."""
    with world.container.database.unit_of_work() as session:
        return {
            "job": session.get_one(Job, neglected.job_id).admitted_at is not None,
            "upload": session.get_one(Asset, neglected.asset_id).state == "rejected",
            "live": session.get_one(Node, neglected.node_id).live_until is None,
            "ticket": session.scalar(select(func.count()).select_from(SocketTicket)) == 0,
        }


def test_the_sweep_sees_to_everything_that_is_due(post: Post, world: World, neglected: Neglected, dispatcher: RecordingDispatcher) -> None:
    assert not any(done(world, neglected).values())

    answer = post("/tasks/sweep")

    assert answer.status_code == 200, answer.text
    assert set(answer.json()["result"]) == {"outbox", "jobs", "exports", "faces", "uploads", "expired"}
    assert all(done(world, neglected).values()), done(world, neglected)
    assert "/tasks/submit" in {payload.get("path") for payload in dispatcher.delivered}


def test_one_part_of_the_sweep_that_fails_does_not_keep_the_others_from_running(
    post: Post, world: World, neglected: Neglected, dispatcher: RecordingDispatcher, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "no-such-file"))  # what the jobs' part cannot do without

    answer = post("/tasks/sweep")

    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert done(world, neglected) == {"job": False, "upload": True, "live": False, "ticket": True}
    assert dispatcher.delivered
