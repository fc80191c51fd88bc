"""The function has commands carried out; what cannot be it sets aside with the reason, and what may pass it does not acknowledge."""

import base64
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import functions_framework
import pytest
import structlog
from flask.testing import FlaskClient
from google.pubsub_v1 import PublisherClient, SubscriberClient, Subscription
from werkzeug import Request, Response
from werkzeug.serving import make_server

from infra.local.identity import Identity
from services.core.kit.ids import new_id
from tests.emulators import Emulator
from tests.local.cloud_tasks.support import stand_in, wait_until

SOURCE = Path(__file__).parents[3] / "functions" / "pipeline_command" / "main.py"
PROJECT = "reelgraph-test"
RECORD = {
    "id": "order-7",
    "type": "reelgraph.run.v1.start",
    "project_id": "00000000-0000-0000-0000-000000000001",
    "scope": "all",
    "node_id": "",
    "inputs": "{}",
}
ACCEPTED = {"type": "command.accepted", "rev": 7, "detail": {"command_id": "order-7"}}
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class FakeWorker:
    """Answers commands as it is told, and remembers them."""

    def __init__(self) -> None:
        self.received: list[Request] = []
        self.status: int = 200
        self.body: dict[str, Any] = {"result": ACCEPTED}
        self._server = make_server("127.0.0.1", 0, Request.application(self._answer), threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def will_answer(self, status: int, **body: Any) -> None:
        """From now on."""
        self.status, self.body = status, body

    def records(self) -> list[dict[str, Any]]:
        """What was asked of it."""
        return [json.loads(request.get_data()) for request in self.received]

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, request: Request) -> Response:
        assert (request.method, request.path) == ("POST", "/tasks/command")
        request.get_data()
        self.received.append(request)
        return Response(json.dumps(self.body), self.status, content_type="application/json")


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Identity]:
    """An identity stand-in that issues ID tokens to the function."""
    state = tmp_path_factory.mktemp("identity")
    with stand_in("identity", "--state", str(state)):
        yield Identity.load(state)


@pytest.fixture
def worker() -> Iterator[FakeWorker]:
    worker = FakeWorker()
    yield worker
    worker.close()


@pytest.fixture
def environment(worker: FakeWorker, identity: Identity, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """As the description gives it."""
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", PROJECT)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(identity.credentials_path))
    monkeypatch.setenv("WORKER_URL", f"{worker.url}/")
    monkeypatch.setenv("EVENTS", "direct")
    yield monkeypatch
    structlog.reset_defaults()


@pytest.fixture
def function(environment: pytest.MonkeyPatch) -> FlaskClient:
    """The function as functions-framework serves it."""
    app = functions_framework.create_app("pipeline_command", str(SOURCE), "http")  # type: ignore[no-untyped-call]  # has no annotations
    app.config["PROPAGATE_EXCEPTIONS"] = False  # as in production: what the function raises is an answer 500
    client: FlaskClient = app.test_client()
    return client


@pytest.fixture
def dead_letters(environment: pytest.MonkeyPatch, pubsub_emulator: Emulator) -> str:
    """A dead-letter topic of this test on the emulator, and the name of a subscription to it."""
    environment.setenv("EVENTS", "pubsub")
    environment.setenv("PUBSUB_EMULATOR_HOST", pubsub_emulator.address)
    name = f"dead-{new_id()}"
    environment.setenv("DEAD_LETTER_TOPIC", name)
    topic, subscription = f"projects/{PROJECT}/topics/{name}", f"projects/{PROJECT}/subscriptions/{name}"
    PublisherClient().create_topic(name=topic)
    SubscriberClient().create_subscription(request=Subscription(name=subscription, topic=topic))
    return subscription


def pushed(data: bytes, **attributes: str) -> dict[str, Any]:
    """A request as Pub/Sub pushes it."""
    message = {"data": base64.b64encode(data).decode(), "messageId": "1", "publishTime": "2026-11-24T12:00:00Z", "attributes": attributes}
    return {"json": {"message": message, "subscription": f"projects/{PROJECT}/subscriptions/pipeline-command"}}


def the_letter(subscription: str) -> Any:
    """The one message that was set aside."""
    subscriber, found = SubscriberClient(), list[Any]()

    def look() -> bool:
        found.extend(subscriber.pull(subscription=subscription, max_messages=10, timeout=10).received_messages)
        return bool(found)

    wait_until(look)
    (received,) = found
    return received.message


def encoded(**changes: Any) -> bytes:
    return json.dumps(RECORD | changes).encode()


def test_a_command_is_handed_to_the_worker_with_a_token_for_it(function: FlaskClient, worker: FakeWorker, identity: Identity) -> None:
    answer = function.post("/", **pushed(encoded(), sender="shop"))

    assert (answer.status_code, answer.json) == (200, ACCEPTED)
    assert worker.records() == [RECORD]
    claims = identity.verified_claims(worker.received[0].headers["authorization"].removeprefix("Bearer "))
    assert (claims["aud"], claims["email"]) == (worker.url, identity.client_email)


def test_a_command_goes_on_with_its_senders_trace(function: FlaskClient, worker: FakeWorker) -> None:
    function.post("/", **pushed(encoded(), **{"ce-traceparent": TRACEPARENT}))

    assert worker.received[0].headers["traceparent"].split("-")[1] == TRACEPARENT.split("-")[1]


def test_a_refused_command_was_answered_and_is_acknowledged(function: FlaskClient, worker: FakeWorker) -> None:
    worker.will_answer(200, result=ACCEPTED | {"type": "command.refused"})

    assert function.post("/", **pushed(encoded())).status_code == 200


@pytest.mark.parametrize("status", [500, 503, 401, 403, 404, 429])
def test_where_the_worker_does_not_take_it_the_command_comes_again(function: FlaskClient, worker: FakeWorker, status: int) -> None:
    worker.will_answer(status, code="trouble", detail="Trouble.")

    assert function.post("/", **pushed(encoded())).status_code == 500


def test_where_the_worker_is_down_the_command_comes_again(function: FlaskClient, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("WORKER_URL", "http://127.0.0.1:1")

    assert function.post("/", **pushed(encoded())).status_code == 500


@pytest.mark.emulators
@pytest.mark.parametrize(
    ("data", "code"),
    [(b"hello", "command_unreadable"), (encoded(scope="most"), "command_invalid"), (encoded(inputs="{"), "command_unreadable")],
)
def test_a_bad_command_is_set_aside_with_the_reason_and_the_worker_sleeps_on(
    function: FlaskClient, worker: FakeWorker, dead_letters: str, data: bytes, code: str
) -> None:
    answer = function.post("/", **pushed(data, sender="shop"))

    letter = the_letter(dead_letters)
    assert (answer.status_code, answer.json) == (200, {"set_aside": code})
    assert (letter.data, letter.attributes["sender"], letter.attributes["code"]) == (data, "shop", code)
    assert letter.attributes["message"] and letter.attributes["advice"]
    assert worker.received == []


@pytest.mark.emulators
def test_what_the_worker_calls_bad_is_set_aside_with_its_reason(function: FlaskClient, worker: FakeWorker, dead_letters: str) -> None:
    worker.will_answer(422, code="node_not_found", detail="ä" * 600, advice="Look it up.")

    assert function.post("/", **pushed(encoded(), googclient_deliveryattempt="1")).status_code == 200

    letter = the_letter(dead_letters)
    assert (letter.data, dict(letter.attributes)) == (
        encoded(),
        {"code": "node_not_found", "message": "ä" * 512, "advice": "Look it up."},  # an attribute has up to 1024 bytes
    )


@pytest.mark.emulators
def test_what_cannot_be_set_aside_comes_again(function: FlaskClient, dead_letters: str, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DEAD_LETTER_TOPIC", "there-is-none")

    assert function.post("/", **pushed(b"hello")).status_code == 500


def test_without_pubsub_the_record_itself_is_posted_and_answered(function: FlaskClient, worker: FakeWorker) -> None:
    answer = function.post("/", json=RECORD)
    as_curl_does = function.post("/", data=encoded(), content_type="application/x-www-form-urlencoded")

    assert {answer.status_code, as_curl_does.status_code} == {200}
    assert answer.json == as_curl_does.json == ACCEPTED
    assert worker.records() == [RECORD, RECORD]


def test_without_pubsub_the_sender_of_a_bad_command_reads_the_reason(function: FlaskClient, worker: FakeWorker) -> None:
    worker.will_answer(422, code="project_not_found", detail="There is no such project.")

    for answer, code in ((function.post("/", data=b"hello"), "command_unreadable"), (function.post("/", json=RECORD), "project_not_found")):
        problem = answer.json
        assert problem
        assert (answer.status_code, problem["code"]) == (422, code)
        assert problem["detail"]


def test_only_posts_are_commands(function: FlaskClient, worker: FakeWorker) -> None:
    assert (function.get("/").status_code, worker.received) == (405, [])
