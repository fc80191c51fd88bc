"""Sends spans to a collector over OTLP/HTTP. Imported only where one is named: it brings the SDK with it.

Standard variables decide the rest: OTEL_TRACES_SAMPLER, OTEL_BSP_*, OTEL_EXPORTER_OTLP_*, OTEL_RESOURCE_ATTRIBUTES.
"""

import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

if TYPE_CHECKING:
    import requests

TRACE_SCOPE = "https://www.googleapis.com/auth/trace.append"
AWAY_SECONDS = 30.0
"""How long nobody waits for a collector that did not take spans; they are still sent in the background."""


class TraceExport:
    """The spans of one process on their way to the collector."""

    def __init__(self, service: str, connect: Callable[[], SpanExporter]) -> None:
        self._exporter = _Watched(connect)
        self._provider = TracerProvider(resource=_resource(service), shutdown_on_exit=True)
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self.tracer = self._provider.get_tracer("reelgraph")

    def flush(self) -> None:
        """Send what has ended, unless the collector was away a moment ago."""
        if not self._exporter.is_away:
            self._provider.force_flush()

    def end(self) -> None:
        """Send what is left, and stop."""
        self._provider.shutdown()


class _Watched(SpanExporter):
    """An exporter that connects when there is something to send, beside the start of the process, and remembers when that failed.

    Requests that wait for a collector must not queue up behind its time limit.
    """

    def __init__(self, connect: Callable[[], SpanExporter]) -> None:
        self._connect = connect
        self._exporter: SpanExporter | None = None
        self._away_until = 0.0

    @property
    def is_away(self) -> bool:
        return time.monotonic() < self._away_until

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send, and note a failure. Called by one thread at a time."""
        is_sent = False
        try:
            self._exporter = self._exporter or self._connect()
            is_sent = self._exporter.export(spans) is SpanExportResult.SUCCESS
        finally:
            self._away_until = 0.0 if is_sent else time.monotonic() + AWAY_SECONDS
        return SpanExportResult.SUCCESS if is_sent else SpanExportResult.FAILURE

    def shutdown(self) -> None:
        """Close connections."""
        if self._exporter is not None:
            self._exporter.shutdown()


def collector(endpoint: str) -> Callable[[], SpanExporter]:
    """How to connect to the collector that the environment names."""
    return partial(_connect, endpoint)


def _connect(endpoint: str) -> SpanExporter:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415  # cold start: 0.1 s

    return OTLPSpanExporter(session=_session(endpoint))


def _resource(service: str) -> Resource:
    # gcp.project_id: where telemetry.googleapis.com keeps the spans
    # https://docs.cloud.google.com/stackdriver/docs/instrumentation/migrate-to-otlp-endpoints
    facts = {
        "service.name": os.environ.get("OTEL_SERVICE_NAME") or service,
        "service.version": os.environ.get("K_REVISION"),
        "gcp.project_id": os.environ.get("GOOGLE_CLOUD_PROJECT"),
    }
    return Resource.create({name: value for name, value in facts.items() if value})


def _session(endpoint: str) -> "requests.Session":
    """Presents the credentials of the account to Google's collector; others get none."""
    import requests  # noqa: PLC0415  # with the exporter

    host = urlsplit(endpoint).hostname or ""
    if not host.endswith(".googleapis.com"):
        return requests.Session()
    import google.auth  # noqa: PLC0415  # only for Google's collector
    from google.auth.transport.requests import AuthorizedSession  # noqa: PLC0415  # only for Google's collector

    credentials, _ = google.auth.default(scopes=[TRACE_SCOPE])
    return AuthorizedSession(credentials)
