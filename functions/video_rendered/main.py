"""video_rendered: an object was finalized in the renders bucket, so a render is done; the worker settles it at once.

Runs in the backend's environment. It only passes the object's name on: the state is read where it is used, so a repeated
or late event does nothing. Cloud Storage's event knows no trace; the worker knows the job's, and answers with it.
"""

import os
import time
from functools import cache

import functions_framework
import google.auth.transport.requests
import requests
from cloudevents.http import CloudEvent
from google.oauth2 import id_token
from opentelemetry.trace import SpanKind

from services.core.kit.telemetry import TRACERESPONSE, configure_telemetry, flush_spans, span

TIMEOUT_SECONDS = 30


@functions_framework.cloud_event
def video_rendered(event: CloudEvent) -> None:
    """Tell the worker which object appeared. Raises where the worker did not take it, so that Eventarc comes again."""
    began_at_ns = time.time_ns()
    transport = _prepared()
    stored = event.data
    worker_url = os.environ["WORKER_URL"].rstrip("/")
    body = {"bucket": stored["bucket"], "name": stored["name"], "generation": str(stored["generation"])}
    token = id_token.fetch_id_token(transport, worker_url)
    answer = requests.post(
        f"{worker_url}/tasks/object-finalized",
        json=body,
        headers={"Authorization": f"Bearer {token}"},
        timeout=TIMEOUT_SECONDS,
    )
    answer.raise_for_status()
    if (traceparent := answer.headers.get(TRACERESPONSE)) is not None:
        attributes = {"faas.trigger": "datasource", "faas.document.collection": stored["bucket"]}
        with span("video_rendered", attributes, kind=SpanKind.SERVER, within=traceparent, began_at_ns=began_at_ns):
            pass  # what it did lies behind it: only now is it known where that belongs
        flush_spans()  # before the answer: afterwards Cloud Run takes the CPU away


@cache
def _prepared() -> google.auth.transport.requests.Request:
    """What one process needs once."""
    configure_telemetry("video_rendered")
    return google.auth.transport.requests.Request()
