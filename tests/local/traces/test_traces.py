"""The collector takes what the unmodified exporter sends, shows it as nested bars, and forgets the oldest."""

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import SpanKind, StatusCode, Tracer

from infra.local.traces.page import list_page, trace_page, waterfall
from infra.local.traces.store import SPANS_OF_A_TRACE, Span, TraceStore
from tests.local.cloud_tasks.support import StandIn, stand_in


@pytest.fixture(scope="module")
def collector() -> Iterator[StandIn]:
    with stand_in("traces", "--keep", "3") as running:
        yield running


def a_tracer(collector: StandIn, service: str, compression: Compression = Compression.NoCompression) -> Tracer:
    """A service that sends each span as it ends."""
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    exporter = OTLPSpanExporter(endpoint=f"{collector.url}/v1/traces", compression=compression)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return provider.get_tracer("test")


@pytest.mark.parametrize("compression", list(Compression))
def test_what_the_exporter_sends_is_shown(collector: StandIn, compression: Compression) -> None:
    api, worker = a_tracer(collector, "api", compression), a_tracer(collector, "worker", compression)

    facts: dict[str, str | int | float] = {"attempt": 2, "ratio": 0.5, "is_late": True, "model": "<veo>"}

    with (
        api.start_as_current_span("POST /runs", kind=SpanKind.SERVER) as root,
        worker.start_as_current_span("job.submit", attributes=facts) as child,
    ):
        child.set_status(StatusCode.ERROR)
    trace_id = f"{root.get_span_context().trace_id:032x}"

    spans = httpx.get(f"{collector.url}/api/traces/{trace_id}").json()
    assert [(span["service"], span["name"], span["kind"], span["is_error"]) for span in spans] == [
        ("api", "POST /runs", "server", False),
        ("worker", "job.submit", "internal", True),
    ]
    assert spans[1]["parent_id"] == spans[0]["span_id"]
    assert spans[1]["attributes"] == facts
    page, front = httpx.get(f"{collector.url}/traces/{trace_id}").text, httpx.get(collector.url).text
    assert "job.submit" in page
    assert "&lt;veo&gt;" in page
    assert "<veo>" not in page
    assert f"<a href=/traces/{trace_id}>POST /runs</a>" in front
    listed = httpx.get(f"{collector.url}/api/traces").json()
    assert listed[0] == {"trace_id": trace_id, "root": "POST /runs", "spans": 2}


def test_traces_that_were_idle_longest_are_forgotten(collector: StandIn) -> None:
    tracer = a_tracer(collector, "api")
    for number in range(4):
        with tracer.start_as_current_span(f"click {number}"):
            pass

    roots = [trace["root"] for trace in httpx.get(f"{collector.url}/api/traces").json()]
    assert roots == ["click 3", "click 2", "click 1"]


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"content-type": "application/json"}, b"{}", 415),
        ({"content-type": "application/x-protobuf"}, b"\xff\xff", 400),
        ({"content-type": "application/x-protobuf", "content-encoding": "gzip"}, b"not gzip", 400),
    ],
)
def test_what_is_no_trace_is_refused(collector: StandIn, headers: dict[str, str], body: bytes, status: int) -> None:
    assert httpx.post(f"{collector.url}/v1/traces", content=body, headers=headers).status_code == status
    assert httpx.get(f"{collector.url}/traces/unknown").status_code == 404


A = Span("t", "a", None, "api", "a", "server", 10, 90, False, {}, ())


def test_spans_stand_below_their_parents_and_orphans_at_the_top() -> None:
    spans = (
        replace(A, span_id="orphan", parent_id="lost", begins_ns=5),
        A,
        replace(A, span_id="c", parent_id="a", begins_ns=30),
        replace(A, span_id="b", parent_id="a", begins_ns=20),
        replace(A, span_id="d", parent_id="b", begins_ns=25),
    )
    in_order = sorted(spans, key=lambda span: span.begins_ns)

    assert [(row.span.span_id, row.depth) for row in waterfall(in_order)] == [("orphan", 0), ("a", 0), ("b", 1), ("d", 2), ("c", 1)]


def test_a_span_that_comes_twice_is_kept_once_and_a_trace_has_an_end() -> None:
    store = TraceStore(10)
    store.add([A, A, *(replace(A, span_id=str(number)) for number in range(SPANS_OF_A_TRACE))])

    assert len(store.trace("t")) == SPANS_OF_A_TRACE


def test_single_requests_make_room_for_a_click() -> None:
    store = TraceStore(4)
    store.add([A, replace(A, span_id="b", parent_id="a")])
    store.add(replace(A, trace_id=f"poll {number}") for number in range(6))

    assert [spans[0].trace_id for spans in store.recent()] == ["poll 5", "poll 4", "poll 3", "t"]


def test_an_empty_list_says_what_to_do_and_a_trace_links_to_others() -> None:
    assert "Nothing yet" in list_page([])
    assert "<a href=/traces/other>" in trace_page([replace(A, links=("other",))])
