"""pipeline_command: a message on `reelgraph-commands` asks for a run; the worker starts it, and the project's log answers.

Runs in the backend's environment. Behind a push subscription of our own, and not behind Eventarc's: the subscription that
Eventarc makes has no dead-letter policy unless somebody edits it behind Eventarc's back, and a command is worth money on both
sides, so none may be dropped unseen. What may pass is not acknowledged: it comes again, ever more slowly, and in the end Pub/Sub
moves it to the dead-letter topic. What can never be done goes there at once, with the reason. Where there is no Pub/Sub
(EVENTS=direct) the record itself is posted here, and the sender reads the reason in the answer.
"""

import base64
import binascii
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import flask
import functions_framework
import google.auth.transport.requests
import requests
import structlog
from google.oauth2 import id_token
from opentelemetry.trace import SpanKind

from services.core.commands.message import BadCommand, CommandRecord, parse_record, read_command
from services.core.kit.logging import configure_logging
from services.core.kit.telemetry import TRACEPARENT, carried, configure_telemetry, flush_spans, span

TIMEOUT_SECONDS = 30
ATTRIBUTE_BYTES = 1024  # https://cloud.google.com/pubsub/quotas#resource_limits

log = structlog.get_logger()


@dataclass(frozen=True)
class _Message:
    """What came: the bytes that should be a record, and the attributes beside them."""

    data: bytes
    attributes: Mapping[str, str]

    @classmethod
    def of(cls, request: flask.Request) -> "_Message":
        """From a push (https://cloud.google.com/pubsub/docs/push#receive_push), else the body itself."""
        body = request.get_json(force=True, silent=True)
        wrapped = body.get("message") if isinstance(body, dict) else None
        if not isinstance(wrapped, dict):
            return cls(request.get_data(), {})
        try:
            data = base64.b64decode(wrapped.get("data", ""), validate=True)
        except binascii.Error:
            data = b""
        return cls(data, wrapped.get("attributes") or {})


@functions_framework.http
def pipeline_command(request: flask.Request) -> tuple[dict[str, Any], int]:
    """Have a command carried out. Raises where the worker or Pub/Sub did not take it, so that the message comes again."""
    if request.method != "POST":
        return {}, 405
    transport = _prepared()
    message = _Message.of(request)
    with _traced(message.attributes.get("ce-traceparent") or request.headers.get(TRACEPARENT)):
        try:
            record = parse_record(message.data)
            read_command(record)  # what cannot be understood need not wake the worker
            return _carry_out(record, transport), 200
        except BadCommand as bad:
            log.warning("command.set_aside", code=bad.code)
            if os.environ["EVENTS"] == "direct":
                return bad.document(), bad.status
            _set_aside(message, bad)
            return {"set_aside": bad.code}, 200


@contextmanager
def _traced(traceparent: str | None) -> Iterator[None]:
    try:
        with span("pipeline_command", {"faas.trigger": "pubsub"}, kind=SpanKind.SERVER, within=traceparent):
            yield
    finally:
        flush_spans()  # before the answer: afterwards Cloud Run takes the CPU away


def _carry_out(record: CommandRecord, transport: google.auth.transport.requests.Request) -> dict[str, Any]:
    """What the worker answers. Raises BadCommand for what it says can never be done, requests.RequestException for all else."""
    worker_url = os.environ["WORKER_URL"].rstrip("/")
    token = id_token.fetch_id_token(transport, worker_url)
    answer = requests.post(
        f"{worker_url}/tasks/command",
        json=record.model_dump(mode="json"),
        headers={"Authorization": f"Bearer {token}", **carried()},
        timeout=TIMEOUT_SECONDS,
    )
    if answer.status_code == BadCommand.status:
        problem = answer.json()
        raise BadCommand(problem["code"], problem["detail"], problem.get("advice", ""))
    answer.raise_for_status()
    result: dict[str, Any] = answer.json()["result"]
    return result


def _set_aside(message: _Message, bad: BadCommand) -> None:
    """Publish the message, as it came, to the dead-letter topic with the reason. Raises the client's errors."""
    reason = {"code": bad.code, "message": bad.message, "advice": bad.advice}
    # Those that begin with "goog" are Google's: nobody may publish them.
    attributes = {name: value for name, value in message.attributes.items() if not name.startswith("goog")}
    attributes |= {name: _cut(value) for name, value in reason.items() if value}
    topic = f"projects/{os.environ['GOOGLE_CLOUD_PROJECT']}/topics/{os.environ['DEAD_LETTER_TOPIC']}"
    _publisher().publish(topic=topic, messages=[{"data": message.data, "attributes": attributes}], timeout=TIMEOUT_SECONDS, retry=None)


def _cut(text: str) -> str:
    return text.encode()[:ATTRIBUTE_BYTES].decode(errors="ignore")


@cache
def _prepared() -> google.auth.transport.requests.Request:
    """What one process needs once."""
    configure_logging("pipeline_command")
    configure_telemetry("pipeline_command")
    return google.auth.transport.requests.Request()


@cache
def _publisher() -> Any:
    from google.pubsub_v1 import PublisherClient  # noqa: PLC0415  # cold start: most of a second, and good commands need none

    return PublisherClient()
