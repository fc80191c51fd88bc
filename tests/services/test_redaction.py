"""Prompts, tokens and signed URLs reach neither logs nor spans, whatever the api and the worker are given and whatever fails."""

from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import structlog
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy.engine import Engine

from services.api.app import create_app as create_api
from services.core.bootstrap import Container, build_container
from services.core.characters.service import Characters
from services.core.jobs.outputs import output_prefix
from services.core.jobs.repository import get_job
from services.core.jobs.tools import Tools
from services.core.kit.database import Database
from services.core.kit.logging import processors
from services.core.kit.telemetry import span
from services.core.outbox.drain import Drain
from services.core.settings import Settings
from services.worker.app import create_app as create_worker
from services.worker.oidc import verified_caller
from tests.recorded_spans import Recorded, recorded
from tests.services.api.world import AbsentIndex, MemoryStore, World
from tests.services.core.jobs.fakes import FakeClock, FakeGemini, FakeMedia, FakeVeo, Mortality
from tests.services.core.outbox.conftest import SettingsMaker, make_settings

__all__ = ["make_settings", "recorded"]

SECRET = "hunter2-lighthouse"
SIGNED = f"https://storage.test/renders/o.mp4?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Signature={SECRET}"
TOKEN = f"Bearer ya29.{SECRET}"


class Quoting(Exception):
    """Says what it was doing, as the errors of HTTP clients do."""

    def __init__(self) -> None:
        super().__init__(f"403 Client Error: Forbidden for url: {SIGNED} (headers: {{'Authorization': '{TOKEN}'}})")


class QuotingStore(MemoryStore):
    """Buckets whose errors quote signed URLs."""

    def download(self, bucket: str, name: str, path: Path) -> None:
        raise Quoting

    def start_upload(self, bucket: str, name: str, *, content_type: str, size_bytes: int, origin: str | None) -> str:
        raise Quoting


class QuotingDispatcher:
    """A destination whose errors quote what they sent."""

    def dispatch(self, row_id: UUID, payload: Any) -> None:
        raise Quoting


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What is logged, as the services log it."""
    written = StringIO()
    structlog.configure(processors=processors("api", "reelgraph-test"), logger_factory=structlog.PrintLoggerFactory(written))
    yield written
    structlog.reset_defaults()


@pytest.fixture
def settings(make_settings: SettingsMaker, engine: Engine) -> Settings:
    return make_settings(jwt_secret=SecretStr(f"{SECRET}, long enough for HS256 and for us"))


@pytest.fixture
def container(settings: Settings, database: Database, log: StringIO) -> Container:
    """The product as it is wired, between neighbours that fail and quote."""
    clock, index = FakeClock(), AbsentIndex()
    drain = Drain(database, dict.fromkeys(("tasks", "events", "live"), QuotingDispatcher()), clock)
    database.deliver = drain.deliver
    wired = build_container(settings, clock)
    container = replace(wired, database=database, drain=drain, store=QuotingStore(), characters=Characters(database, index, clock))
    tools = Tools(settings, database, clock, container.store, FakeVeo(), FakeGemini(), FakeMedia(mortality=Mortality()))
    vars(container)["tools"] = tools
    return container


def told(log: StringIO, recorded: Recorded) -> str:
    """All that leaves the process about itself."""
    spans = recorded.spans()
    assert log.getvalue().count("\n") >= 3
    assert spans
    return log.getvalue() + "".join(span.to_json() for span in spans)


def test_what_people_send_to_the_api_is_not_told(container: Container, log: StringIO, recorded: Recorded) -> None:
    client = TestClient(create_api(container), raise_server_exceptions=False)
    registered = client.post("/api/auth/register", json={"email": f"{SECRET}@example.com", "password": f"{SECRET} horse battery"})
    assert registered.status_code == 201, registered.text
    token = registered.json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    world = World(container)
    ada = world.person("ada")
    project_id = world.project(ada)
    world.node(project_id, ada, "video", prompt=f"{SECRET} at dawn")

    ran = client.post(f"/api/projects/{project_id}/runs", json={"scope": "all"}, headers=ada.once())
    refused = client.get(f"/api/projects/{project_id}?access_token={SECRET}", headers=headers)
    unknown = client.get(f"/api/{SECRET}?code={SECRET}", headers=headers)
    invalid = client.post(f"/api/projects/{project_id}/runs", json={"scope": SECRET}, headers=ada.once())
    upload = {"project_id": str(project_id), "file_name": f"{SECRET}.jpg", "content_type": "image/jpeg", "size_bytes": 10}
    broken = client.post("/api/files/uploads", json=upload, headers=ada.once())

    assert (ran.status_code, unknown.status_code, invalid.status_code) == (202, 404, 422), ran.text
    assert refused.status_code in (403, 404)
    assert broken.status_code == 500, broken.text
    assert "outbox.delivery_crashed" in log.getvalue()
    everything = told(log, recorded)
    assert SECRET not in everything
    assert token not in everything


def test_what_a_job_is_made_of_is_not_told_by_the_worker(container: Container, log: StringIO, recorded: Recorded) -> None:
    worker = create_worker(container)
    worker.dependency_overrides[verified_caller] = lambda: "invoker"
    client = TestClient(worker, raise_server_exceptions=False, headers={"Authorization": TOKEN})
    world = World(container)
    ada = world.person("ada")
    project_id = world.project(ada)
    with span("click"):
        _, job_id = world.run(project_id, ada, world.node(project_id, ada, "video", prompt=f"{SECRET} at dawn"))
    task = {"job_id": str(job_id)}

    answers = [client.post("/tasks/submit", json=task)]
    with container.database.unit_of_work() as session:
        job = get_job(session, job_id)
    assert job.state == "polling"
    assert job.attempt_id is not None
    rendered = {
        "bucket": container.settings.renders_bucket,
        "name": f"{output_prefix(job.id, job.attempt_id)}1/sample_0.mp4",
        "generation": "1",
    }
    answers += [client.post(f"/tasks/object-finalized?signature={SECRET}", json=rendered), client.post("/tasks/settle", json=task)]

    assert [answer.status_code for answer in answers] == [200] * 3, [answer.text for answer in answers]
    assert "job.settling_failed" in log.getvalue()
    assert answers[1].headers["traceresponse"] == job.traceparent
    assert {"job.submit", "job.object_finalized", "job.settle"} <= {span.name for span in recorded.spans()}
    assert SECRET not in told(log, recorded)
