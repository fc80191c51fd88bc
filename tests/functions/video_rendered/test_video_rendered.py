"""The function passes the name of a rendered object on to the worker, as often as the event comes, and fails where the worker does."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import functions_framework
import pytest
from flask.testing import FlaskClient

from infra.local.identity import Identity
from tests.local.cloud_tasks.support import Target, stand_in
from tests.recorded_spans import Recorded, recorded

__all__ = ["recorded"]

SOURCE = Path(__file__).parents[3] / "functions" / "video_rendered" / "main.py"
PATH = "/tasks/object-finalized"
OBJECT = {"bucket": "reelgraph-renders", "name": "job/attempt/sample_0.mp4", "generation": "1732312345678901"}


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Identity]:
    """An identity stand-in that issues ID tokens to the function."""
    state = tmp_path_factory.mktemp("identity")
    with stand_in("identity", "--state", str(state)):
        yield Identity.load(state)


@pytest.fixture
def worker() -> Iterator[Target]:
    target = Target()
    yield target
    target.close()


@pytest.fixture
def function(worker: Target, identity: Identity, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """The function as functions-framework serves it."""
    monkeypatch.setenv("WORKER_URL", worker.url("/"))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(identity.credentials_path))
    app = functions_framework.create_app("video_rendered", str(SOURCE), "cloudevent")  # type: ignore[no-untyped-call]  # has no annotations
    app.config["PROPAGATE_EXCEPTIONS"] = False  # as in production: what the function raises is an answer 500
    client: FlaskClient = app.test_client()
    return client


def finalized(**members: Any) -> dict[str, Any]:
    """A request as Eventarc sends it: a CloudEvent in binary mode."""
    headers = {
        "ce-id": "1",
        "ce-specversion": "1.0",
        "ce-type": "google.cloud.storage.object.v1.finalized",
        "ce-source": "//storage.googleapis.com/projects/_/buckets/reelgraph-renders",
        "ce-subject": f"objects/{OBJECT['name']}",
        "content-type": "application/json",
    }
    return {"headers": headers, "data": json.dumps(OBJECT | {"size": "12345", "contentType": "video/mp4"} | members)}


def test_a_rendered_object_is_told_to_the_worker_with_a_token_for_it(function: FlaskClient, worker: Target, identity: Identity) -> None:
    answer = function.post("/", **finalized())

    assert answer.status_code == 200
    (received,) = worker.received(PATH)
    claims = identity.verified_claims(received.headers["authorization"].removeprefix("Bearer "))
    assert json.loads(received.body) == OBJECT
    assert received.headers["content-type"] == "application/json"
    assert (claims["aud"], claims["email"]) == (worker.url(""), identity.client_email)


def test_a_generation_that_is_a_number_is_sent_as_text(function: FlaskClient, worker: Target) -> None:
    function.post("/", **finalized(generation=1732312345678901))

    assert json.loads(worker.received(PATH)[0].body)["generation"] == "1732312345678901"


def test_an_event_delivered_twice_says_the_same_twice(function: FlaskClient, worker: Target) -> None:
    for _ in range(2):
        assert function.post("/", **finalized()).status_code == 200

    first, second = worker.received(PATH)
    assert first.body == second.body


@pytest.mark.parametrize("status", [500, 503, 403])
def test_where_the_worker_does_not_take_it_the_event_comes_again(function: FlaskClient, worker: Target, status: int) -> None:
    worker.will_answer(PATH, status, 200)

    assert function.post("/", **finalized()).status_code == 500
    assert function.post("/", **finalized()).status_code == 200


def test_where_the_worker_is_down_the_event_comes_again(function: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKER_URL", "http://127.0.0.1:1")

    assert function.post("/", **finalized()).status_code == 500


def test_its_span_belongs_to_the_trace_that_the_worker_names(function: FlaskClient, worker: Target, recorded: Recorded) -> None:
    worker.will_answer(PATH, 200, headers={"traceresponse": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"})

    function.post("/", **finalized())

    span = recorded.one("video_rendered")
    assert span.parent is not None
    assert (f"{span.parent.trace_id:032x}", f"{span.parent.span_id:016x}") == ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
    assert span.attributes == {"faas.trigger": "datasource", "faas.document.collection": "reelgraph-renders"}
    assert (span.start_time or 0) < (span.end_time or 0)


def test_an_object_of_no_job_leaves_no_span(function: FlaskClient, worker: Target, recorded: Recorded) -> None:
    assert function.post("/", **finalized()).status_code == 200

    assert recorded.spans() == []
