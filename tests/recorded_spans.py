"""A fixture that keeps the spans of a test in memory; import it where it is used."""

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.core.kit.telemetry import use_export
from services.core.kit.trace_export import TraceExport


class Recorded:
    """The spans that have ended so far."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.export = TraceExport("test", lambda: self.exporter)

    def spans(self) -> list[ReadableSpan]:
        """All, in the order they ended."""
        self.export.flush()
        return list(self.exporter.get_finished_spans())

    def named(self, name: str) -> list[ReadableSpan]:
        """Those of one name."""
        return [span for span in self.spans() if span.name == name]

    def one(self, name: str) -> ReadableSpan:
        """The only one of its name."""
        (span,) = self.named(name)
        return span


def ids(span: ReadableSpan) -> tuple[int, int]:
    """Trace and span id."""
    context = span.get_span_context()
    assert context is not None
    return context.trace_id, context.span_id


def traceparent_of(span: ReadableSpan) -> str:
    """What the span passes on."""
    context = span.get_span_context()
    assert context is not None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


@pytest.fixture
def recorded() -> Iterator[Recorded]:
    """Everything in this process is recorded for the length of the test."""
    recorded = Recorded()
    use_export(recorded.export)
    yield recorded
    use_export(None)
    recorded.export.end()
