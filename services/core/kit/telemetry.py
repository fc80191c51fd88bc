"""Traces: one click is one trace, through all that it starts, carried by W3C's `traceparent` (https://www.w3.org/TR/trace-context/).

Where OTEL_EXPORTER_OTLP_ENDPOINT names no collector nothing is recorded and no SDK is imported; the ids of a trace that somebody else
began are still passed on, and logged. Spans hold ids, states, models and money. They never hold prompts, addresses or tokens, nor
what an exception says, since that quotes them. The tracer is ours alone, not OpenTelemetry's global one: libraries that find a
global one, FastAPI among them, write the query strings of requests into it.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanContext, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

if TYPE_CHECKING:
    from services.core.kit.trace_export import TraceExport

TRACEPARENT = "traceparent"
TRACERESPONSE = "traceresponse"
"""Names the trace that a request turned out to belong to, in its answer (a draft of the same working group)."""
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")

_PROPAGATOR = TraceContextTextMapPropagator()


class _Tracing:
    """The one export of this process, and the tracer that feeds it."""

    def __init__(self) -> None:
        self.tracer: trace.Tracer = trace.NoOpTracer()
        self.export: TraceExport | None = None


_tracing = _Tracing()


def configure_telemetry(service: str) -> None:
    """Record spans of this process from now on, if a collector is named. Call once, at the start of a process."""
    is_off = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or os.environ.get("OTEL_TRACES_EXPORTER") == "none"
    endpoint = next((os.environ[name] for name in ENDPOINTS if os.environ.get(name)), None)
    if is_off or endpoint is None or _tracing.export is not None:
        return
    from services.core.kit.trace_export import TraceExport, collector  # noqa: PLC0415  # cold start: the SDK takes 0.1 s

    use_export(TraceExport(service, collector(endpoint)))


def use_export(export: "TraceExport | None") -> None:
    """Record into `export`; None records nothing more."""
    _tracing.export = export
    _tracing.tracer = export.tracer if export else trace.NoOpTracer()


def flush_spans() -> None:
    """Send what has ended. Blocks for a network round trip; not at all while the collector does not answer."""
    if _tracing.export is not None:
        _tracing.export.flush()


def end_telemetry() -> None:
    """Send what is left; call when the process ends."""
    if _tracing.export is not None:
        _tracing.export.end()


@contextmanager
def span(
    name: str,
    attributes: Mapping[str, str | int | float | bool] | None = None,
    *,
    kind: SpanKind = SpanKind.INTERNAL,
    within: str | None = None,
    began_at_ns: int | None = None,
) -> Iterator[Span]:
    """A span for the length of the block; an exception marks it as failed, by its type alone.

    `within` is a traceparent that was kept: the span belongs to that trace. Where the block runs in another one, both are linked.
    `began_at_ns` (Unix time) is for work that had begun before it was known which trace it belongs to.
    """
    started = start_span(name, attributes, kind=kind, within=within, began_at_ns=began_at_ns)
    with trace.use_span(started, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        try:
            yield started
        except Exception as error:
            mark_failed(started, type(error).__qualname__)
            raise


def start_span(
    name: str,
    attributes: Mapping[str, str | int | float | bool] | None = None,
    *,
    kind: SpanKind = SpanKind.INTERNAL,
    within: str | None = None,
    began_at_ns: int | None = None,
) -> Span:
    """The span of `span`, not yet current: whoever starts it ends it."""
    here, kept = trace.get_current_span().get_span_context(), _parsed(within)
    if kept is None or kept.trace_id == here.trace_id:
        return _tracing.tracer.start_span(name, kind=kind, attributes=attributes, start_time=began_at_ns)
    context = trace.set_span_in_context(trace.NonRecordingSpan(kept), Context())
    links = [Link(here)] if here.is_valid else []
    return _tracing.tracer.start_span(name, context, kind, attributes, links, began_at_ns)


def mark_failed(failed: Span, error_type: str) -> None:
    """Note what kind of error ended a span."""
    failed.set_attribute("error.type", error_type)
    failed.set_status(StatusCode.ERROR)


def current_traceparent() -> str | None:
    """Where we are, for whoever goes on from here; None outside of any trace."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get(TRACEPARENT)


def traceparent_within(kept: str | None) -> str | None:
    """Where we are, if that is the trace of `kept`; else `kept` itself. For work that somebody else may bring forward."""
    here, known = trace.get_current_span().get_span_context(), _parsed(kept)
    return current_traceparent() if known is None or known.trace_id == here.trace_id else kept


def carried(prefix: str = "") -> dict[str, str]:
    """The headers, or attributes with `prefix`, by which the other side goes on with this trace."""
    here = current_traceparent()
    return {f"{prefix}{TRACEPARENT}": here} if here else {}


def _parsed(traceparent: str | None) -> SpanContext | None:
    if not traceparent:
        return None
    found = trace.get_current_span(_PROPAGATOR.extract({TRACEPARENT: traceparent}, Context())).get_span_context()
    return found if found.is_valid else None
