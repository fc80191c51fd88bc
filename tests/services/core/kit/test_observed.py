"""Each request leaves one span and one line: route, status and duration, and nothing of its query."""

import asyncio
import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import structlog
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient
from starlette.middleware import Middleware
from starlette.types import Message, Scope

from services.core.kit.http_errors import Border, install_error_handlers
from services.core.kit.logging import processors
from services.core.kit.observed import Observed
from tests.recorded_spans import Recorded, ids, recorded

__all__ = ["recorded"]

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What is logged, as the services log it."""
    written = StringIO()
    structlog.configure(processors=processors("api", "reelgraph-test"), logger_factory=structlog.PrintLoggerFactory(written))
    yield written
    structlog.reset_defaults()


def an_app(*, flushes: bool = False) -> FastAPI:
    app = FastAPI(middleware=[Middleware(Observed, flushes=flushes), Middleware(Border)])
    install_error_handlers(app)

    @app.get("/things/{thing_id}")
    def thing(thing_id: str) -> dict[str, str]:
        structlog.get_logger().info("thing.seen")
        return {"id": thing_id}

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("a secret")

    @app.get("/stream")
    def stream() -> StreamingResponse:
        return StreamingResponse(iter([b"a", b"b"]))

    @app.get("/healthz")
    def healthz() -> None:
        """Up."""

    return app


def lines(log: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_request_goes_on_with_the_trace_of_its_caller_and_its_lines_name_it(recorded: Recorded, log: StringIO) -> None:
    TestClient(an_app()).get("/things/7?token=a-secret", headers={"traceparent": PARENT})

    server = recorded.one("GET /things/{thing_id}")
    assert f"{ids(server)[0]:032x}" == PARENT.split("-")[1]
    assert server.attributes == {
        "http.request.method": "GET",
        "url.scheme": "http",
        "http.route": "/things/{thing_id}",
        "http.response.status_code": 200,
    }
    seen, answered = lines(log)
    assert (seen["message"], answered["message"]) == ("thing.seen", "request.answered")
    for line in (seen, answered):
        assert line["logging.googleapis.com/trace"] == f"projects/reelgraph-test/traces/{PARENT.split('-')[1]}"
        assert line["logging.googleapis.com/spanId"] == f"{ids(server)[1]:016x}"
        assert line["logging.googleapis.com/trace_sampled"] is True
    assert (answered["route"], answered["status"], answered["httpRequest"]["status"]) == ("/things/{thing_id}", 200, 200)
    assert answered["httpRequest"]["latency"] == f"{answered['duration_seconds']:.6f}s"
    assert "secret" not in log.getvalue() + server.to_json()


def test_a_fault_is_a_failed_span_and_one_line_with_its_stack_for_error_reporting(recorded: Recorded, log: StringIO) -> None:
    TestClient(an_app()).get("/broken")

    fault, answered = lines(log)
    assert (fault["message"], fault["severity"], fault["serviceContext"]) == ("request.failed", "ERROR", {"service": "api"})
    assert fault["stack_trace"].startswith("Traceback (most recent call last)")
    assert (answered["status"], answered["request_id"]) == (500, fault["request_id"])
    server = recorded.one("GET /broken")
    assert server.attributes is not None
    assert server.attributes["error.type"] == "500"
    assert "a secret" not in server.to_json()


def test_health_checks_leave_nothing_and_unknown_paths_no_path(recorded: Recorded, log: StringIO) -> None:
    client = TestClient(an_app())
    client.get("/healthz")
    client.get("/guessed/a-secret")

    (answered,) = lines(log)
    assert (answered["route"], answered["status"]) == (None, 404)
    assert [span.name for span in recorded.spans()] == ["GET"]
    assert "secret" not in log.getvalue()


@pytest.mark.parametrize("path", ["/things/7", "/stream", "/broken"])
def test_spans_are_sent_before_the_last_byte_where_it_says_so(recorded: Recorded, log: StringIO, path: str) -> None:
    """Afterwards Cloud Run takes the CPU away."""
    sent_at_last_byte: list[int] = []
    asked_for_the_body: list[bool] = []

    async def receive() -> Message:
        if asked_for_the_body:
            await asyncio.Event().wait()  # the caller stays
        asked_for_the_body.append(True)
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            sent_at_last_byte.append(len(recorded.exporter.get_finished_spans()))

    scope: Scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [], "http_version": "1.1"}
    asyncio.run(an_app(flushes=True)(scope, receive, send))

    assert sent_at_last_byte == [1]
