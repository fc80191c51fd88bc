"""Traces cost nothing where nobody collects them, join what belongs together, and say of an error only its kind."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from time import monotonic

import pytest
from google.auth.transport.requests import AuthorizedSession
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import StatusCode

from infra.local.identity import Identity
from services.core.kit.telemetry import carried, current_traceparent, flush_spans, span, traceparent_within, use_export
from services.core.kit.trace_export import TraceExport, _session
from tests.recorded_spans import Recorded, ids, recorded, traceparent_of

__all__ = ["recorded"]

KEPT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
KEPT_IDS = (0x0AF7651916CD43DD8448EB211C80319C, 0xB7AD6B7169203331)

STARTS = """
import sys
import {module}
from services.core.kit.telemetry import configure_telemetry, current_traceparent, span
configure_telemetry("api")
with span("anything"):
    print(current_traceparent())
print([name for name in sys.modules if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter", "opentelemetry.proto"))])
"""


@pytest.mark.parametrize("module", ["services.api.__main__", "services.worker.__main__", "functions.video_rendered.main"])
@pytest.mark.parametrize("environment", [{}, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"}], ids=str)
def test_without_a_collector_no_sdk_is_imported(module: str, environment: dict[str, str]) -> None:
    program = [sys.executable, "-c", STARTS.format(module=module)]
    said = subprocess.run(program, capture_output=True, text=True, timeout=60, check=True, env=environment)

    assert said.stdout.splitlines() == ["None", "[]"]


def test_what_is_left_is_sent_when_the_process_ends(tmp_path: Path) -> None:
    program = f"""
from services.core.kit import trace_export
from services.core.kit.telemetry import configure_telemetry, end_telemetry, span
class Exporter:
    def export(self, spans):
        with open({str(tmp_path / "sent")!r}, "a") as file:
            file.write("".join(span.name for span in spans))
        return trace_export.SpanExportResult.SUCCESS
    def shutdown(self): pass
trace_export.collector = lambda endpoint: Exporter
configure_telemetry("api")
with span("the last"): pass
end_telemetry()
"""
    environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_BSP_SCHEDULE_DELAY": "3600000"}
    subprocess.run([sys.executable, "-c", program], timeout=60, check=True, env=environment)

    assert (tmp_path / "sent").read_text() == "the last"


def test_ids_of_a_trace_are_passed_on_though_nothing_is_recorded() -> None:
    with span("anything", within=KEPT):
        assert carried("ce-") == {"ce-traceparent": KEPT}
    assert carried() == {}


def test_a_span_within_a_kept_trace_belongs_to_it_and_is_linked_to_where_it_ran(recorded: Recorded) -> None:
    with span("sweep") as outer, span("job.poll", within=KEPT):
        assert current_traceparent() != KEPT
    poll = recorded.one("job.poll")

    assert poll.parent is not None
    assert (poll.parent.trace_id, poll.parent.span_id) == KEPT_IDS
    assert [link.context for link in poll.links] == [outer.get_span_context()]


def test_a_span_within_the_trace_that_runs_goes_on_from_where_it_is(recorded: Recorded) -> None:
    with span("request") as request:
        kept = current_traceparent()
        with span("inner"), span("innermost", within=kept):
            assert traceparent_within(kept) == current_traceparent() != kept
    inner, innermost = recorded.one("inner"), recorded.one("innermost")

    assert innermost.parent is not None
    assert (innermost.parent.trace_id, innermost.parent.span_id) == ids(inner)
    assert innermost.links == ()
    assert request.get_span_context().trace_id == ids(innermost)[0]


@pytest.mark.parametrize("kept", [None, "", "nonsense", "00-" + "0" * 32 + "-" + "0" * 16 + "-01"])
def test_nonsense_for_a_trace_is_no_trace(recorded: Recorded, kept: str | None) -> None:
    with span("request"):
        assert traceparent_within(kept) == current_traceparent()
        with span("inner", within=kept):
            pass
    assert ids(recorded.one("inner"))[0] == ids(recorded.one("request"))[0]


def test_work_somebody_else_brings_forward_stays_in_its_own_trace(recorded: Recorded) -> None:
    with span("another click"):
        assert traceparent_within(KEPT) == KEPT
    assert traceparent_within(KEPT) == KEPT


def test_an_error_is_named_by_its_type_and_not_by_what_it_says(recorded: Recorded) -> None:
    with pytest.raises(ValueError, match="a secret"), span("job.submit"):
        raise ValueError("a secret")

    failed = recorded.one("job.submit")
    assert failed.status.status_code is StatusCode.ERROR
    assert failed.attributes == {"error.type": "ValueError"}
    assert "a secret" not in failed.to_json()


class Away(SpanExporter):
    """A collector that does not answer, and says so only when told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.gives_up = Event()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.asked += 1
        self.gives_up.wait(10)
        return SpanExportResult.FAILURE


def test_a_collector_that_cannot_be_connected_to_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    tried: list[int] = []

    def connect() -> SpanExporter:
        tried.append(1)
        raise OSError("no credentials")

    export = TraceExport("test", connect)
    use_export(export)
    try:
        for name in ("first", "second"):
            with span(name):
                pass
            flush_spans()
        assert len(tried) == 1
    finally:
        use_export(None)
        export.end()
    assert len(tried) == 2
    assert "no credentials" in caplog.text


def test_nobody_waits_for_a_collector_that_was_away_a_moment_ago() -> None:
    away = Away()
    away.gives_up.set()
    export = TraceExport("test", lambda: away)
    use_export(export)
    try:
        with span("first"):
            pass
        flush_spans()
        away.gives_up.clear()
        with span("second"):
            pass
        began = monotonic()
        flush_spans()
        assert (away.asked, monotonic() - began < 5) == (1, True)
    finally:
        use_export(None)
        away.gives_up.set()
        export.end()


@pytest.mark.parametrize(
    ("endpoint", "is_google"),
    [("https://telemetry.googleapis.com", True), ("http://127.0.0.1:8717", False), ("https://googleapis.com.example.org", False)],
)
def test_only_google_is_shown_the_credentials(endpoint: str, is_google: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    identity = Identity.load_or_create(tmp_path, "http://127.0.0.1:1/token", "reelgraph-test")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(identity.credentials_path))

    session = _session(endpoint)

    assert isinstance(session, AuthorizedSession) is is_google
    if isinstance(session, AuthorizedSession):
        assert session.credentials.scopes == ["https://www.googleapis.com/auth/trace.append"]


def test_the_traceparent_of_a_span_is_the_one_it_passes_on(recorded: Recorded) -> None:
    with span("request"):
        told = carried()
    assert told == {"traceparent": traceparent_of(recorded.one("request"))}
