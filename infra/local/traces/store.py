"""Traces in memory: what has arrived of each, oldest forgotten first."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as WireSpan
from opentelemetry.proto.trace.v1.trace_pb2 import Status

SPANS_OF_A_TRACE = 5000

Value = str | bool | int | float


@dataclass(frozen=True, slots=True)
class Span:
    """One span. Times are Unix nanoseconds; ids are lower-case hexadecimal."""

    trace_id: str
    span_id: str
    parent_id: str | None
    service: str
    name: str
    kind: str
    """`server`, `client`, `producer`, `consumer` or `internal`."""
    begins_ns: int
    ends_ns: int
    is_error: bool
    attributes: dict[str, Value]
    links: tuple[str, ...]
    """Ids of other traces that it has to do with."""


class TraceStore:
    """The `keep` traces that grew last, where single requests give way to others. Safe for use by several threads."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._lock = threading.Lock()
        self._traces: OrderedDict[str, dict[str, Span]] = OrderedDict()

    def add(self, spans: Iterable[Span]) -> None:
        """Keep spans; one that arrives twice is kept once."""
        with self._lock:
            for span in spans:
                trace = self._traces.setdefault(span.trace_id, {})
                self._traces.move_to_end(span.trace_id)
                if len(trace) < SPANS_OF_A_TRACE:
                    trace[span.span_id] = span
            while len(self._traces) > self._keep:
                # A page that asks again and again must not push out the click that somebody wants to look at.
                idle_half = islice(self._traces.items(), self._keep // 2)
                lone = (trace_id for trace_id, trace in idle_half if len(trace) == 1)
                del self._traces[next(lone, next(iter(self._traces)))]

    def recent(self) -> list[tuple[Span, ...]]:
        """All traces, the one that grew last first; the spans of each by their beginning."""
        with self._lock:
            return [_in_order(trace.values()) for trace in reversed(self._traces.values())]

    def trace(self, trace_id: str) -> tuple[Span, ...]:
        """The spans of one trace by their beginning; none where it is not known."""
        with self._lock:
            return _in_order(self._traces.get(trace_id, {}).values())


def parse_spans(body: bytes) -> list[Span]:
    """The spans of an ExportTraceServiceRequest. Raises protobuf's DecodeError for anything else."""
    request = ExportTraceServiceRequest.FromString(body)
    return [
        _span(wire, str(_attributes(resource.resource.attributes).get("service.name", "unknown")))
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for wire in scope.spans
    ]


def _span(wire: WireSpan, service: str) -> Span:
    return Span(
        trace_id=wire.trace_id.hex(),
        span_id=wire.span_id.hex(),
        parent_id=wire.parent_span_id.hex() or None,
        service=service,
        name=wire.name,
        kind=WireSpan.SpanKind.Name(wire.kind).removeprefix("SPAN_KIND_").lower(),
        begins_ns=wire.start_time_unix_nano,
        ends_ns=wire.end_time_unix_nano,
        is_error=wire.status.code == Status.STATUS_CODE_ERROR,
        attributes=_attributes(wire.attributes),
        links=tuple(link.trace_id.hex() for link in wire.links),
    )


def _attributes(pairs: Sequence[object]) -> dict[str, Value]:
    return {pair.key: _value(pair.value) for pair in pairs}  # type: ignore[attr-defined]  # KeyValue; the container has no public type


def _value(value: AnyValue) -> Value:
    match value.WhichOneof("value"):
        case "bool_value":
            return value.bool_value
        case "int_value":
            return value.int_value
        case "double_value":
            return value.double_value
        case "string_value":
            return value.string_value
        case _:
            return str(value).strip()


def _in_order(spans: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(sorted(spans, key=lambda span: (span.begins_ns, span.span_id)))
