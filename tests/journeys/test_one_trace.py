"""One click on Run is one trace, from the api to the last document in Firestore, and the log lines of the work carry its id."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from infra.local.supervisor.stack import LocalStack
from tests.journeys.support import FAST, SMALL, Studio, a_stack, eventually, require_emulators

RUN = "POST /api/projects/{project_id}/runs"
STEPS = {("worker", f"job.{step}") for step in ("submit", "object_finalized", "poll", "settle")} | {("worker", "take.store")}
TASKS = {("worker", f"POST /tasks/{task}") for task in ("submit", "settle")}
PROVIDER = {("worker", f"{call} {FAST}") for call in ("generate_videos", "fetch_videos")}
TOLD = {(service, name) for service in ("api", "worker") for name in ("send task", "write document")}
EVERYWHERE = {("api", RUN), ("video_rendered", "video_rendered")} | STEPS | TASKS | PROVIDER | TOLD


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    """A stack with Firestore and the collector."""
    require_emulators()
    with a_stack(only=(*SMALL, "firestore", "traces")) as stack:
        yield stack


def clicks(stack: LocalStack) -> list[list[dict[str, Any]]]:
    """The spans of each trace that began with a click on Run."""
    url = f"{stack.urls['traces']}/api/traces"
    ids = [trace["trace_id"] for trace in httpx.get(url).raise_for_status().json() if trace["root"] == RUN]
    return [httpx.get(f"{url}/{trace_id}").raise_for_status().json() for trace_id in ids]


def names(spans: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(span["service"], span["name"]) for span in spans}


def worker_lines(stack: LocalStack, message: str) -> list[dict[str, Any]]:
    """What the worker logged under this message."""
    lines = [line.partition(" | ")[2] for line in stack.log("worker").splitlines()]
    parsed = [json.loads(line) for line in lines if line.startswith("{")]
    return [line for line in parsed if line["message"] == message]


def test_one_click_is_one_trace_through_every_service(stack: LocalStack) -> None:
    studio = Studio.open(stack)
    # What becomes of two samples is always asked for, so that all kinds of steps happen, in whatever order.
    job_id = studio.start(studio.add_video("A fox crosses a river", samples=2))
    studio.wait_for_state(job_id, "succeeded")

    def whole() -> list[dict[str, Any]] | None:
        return next((spans for spans in clicks(stack) if names(spans) >= EVERYWHERE), None)

    spans = eventually(whole, "the whole trace")
    assert len(clicks(stack)) == 1
    assert [span["name"] for span in spans if span["is_error"] and span["name"].startswith(("POST", "job.", "take."))] == []
    known = {span["span_id"] for span in spans}
    assert [span["name"] for span in spans if span["parent_id"] not in known] == [RUN]
    (call,) = [span for span in spans if span["name"].startswith("generate_videos")]
    assert call["attributes"]["reelgraph.job.id"] == job_id
    assert call["attributes"]["reelgraph.provider.outcome"] == "Accepted"
    assert "fox" not in json.dumps(spans)

    # The lines of the work carry the trace, under the name by which Cloud Logging finds it.
    project = stack.environments["worker"]["GOOGLE_CLOUD_PROJECT"]
    trace = f"projects/{project}/traces/{spans[0]['trace_id']}"
    moves = [line for line in worker_lines(stack, "job.moved") if line["job_id"] == job_id]
    assert len(moves) >= 4
    assert {line["logging.googleapis.com/trace"] for line in moves} == {trace}
    assert {line["logging.googleapis.com/trace_sampled"] for line in moves} == {True}
    (ended,) = [line for line in worker_lines(stack, "job.ended") if line["job_id"] == job_id]
    assert 0 <= ended["overhead_seconds"] <= ended["total_seconds"]

    # A person finds it on the page.
    front = httpx.get(stack.urls["traces"]).text
    page = httpx.get(f"{stack.urls['traces']}/traces/{spans[0]['trace_id']}").text
    assert f"/traces/{spans[0]['trace_id']}" in front
    assert all(name in page for _, name in EVERYWHERE)
