"""The trace of a click goes on through the outbox, tasks, messages and jobs, whoever delivers them and however late."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.core.jobs.model import Job
from services.core.kit.cloud_events import Fact
from services.core.kit.database import Database
from services.core.kit.ids import new_id
from services.core.kit.telemetry import carried, span
from services.core.outbox.drain import DeliveryFailed, Drain
from services.core.outbox.events import DirectDispatcher
from services.core.outbox.model import OutboxRow
from services.core.outbox.rows import add_event, add_live_node, add_task
from tests.local.cloud_tasks.support import Target
from tests.recorded_spans import Recorded, ids, recorded, traceparent_of
from tests.services.core.jobs.conftest import plain_logs
from tests.services.core.jobs.world import World
from tests.services.core.outbox.conftest import SettingsMaker, clock, make_settings, target
from tests.services.core.projects.canvas import START, HandClock

__all__ = ["clock", "make_settings", "plain_logs", "recorded", "target"]


class Recorder:
    """Another side: notes which trace each delivery goes on with."""

    def __init__(self) -> None:
        self.carried: list[dict[str, str]] = []
        self.is_down = False

    def dispatch(self, row_id: UUID, payload: Mapping[str, Any]) -> None:
        if self.is_down:
            raise DeliveryFailed("it is down")
        self.carried.append(carried())


@pytest.fixture
def outside() -> Recorder:
    return Recorder()


@pytest.fixture
def drain(database: Database, outside: Recorder, clock: HandClock) -> Drain:
    """Deliveries after each commit."""
    drain = Drain(database, dict.fromkeys(("tasks", "events", "live"), outside), clock)
    database.deliver = drain.deliver
    return drain


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return World(database, tmp_path / "buckets")


def tell_all(session: Session) -> None:
    add_task(session, "/tasks/admit", {"model": "m"})
    add_event(session, project_id=new_id(), rev=1)
    add_live_node(session, new_id())


def test_what_a_request_tells_is_delivered_in_its_trace(database: Database, drain: Drain, outside: Recorder, recorded: Recorded) -> None:
    with span("request"), database.unit_of_work() as session:
        tell_all(session)

    request = recorded.one("request")
    deliveries = [recorded.one(name) for name in ("send task", "send event", "write document")]
    assert [span.parent.span_id for span in deliveries if span.parent] == [ids(request)[1]] * 3
    assert [{"traceparent": traceparent_of(span)} for span in deliveries] == outside.carried
    assert [span.kind.name for span in deliveries] == ["PRODUCER", "PRODUCER", "CLIENT"]


def test_what_the_sweep_delivers_later_goes_on_with_the_trace_of_its_request(
    database: Database, drain: Drain, outside: Recorder, recorded: Recorded, clock: HandClock
) -> None:
    outside.is_down = True
    with span("request"), database.unit_of_work() as session:
        add_task(session, "/tasks/admit", {"model": "m"})
    outside.is_down = False
    clock.advance(days=3650)

    with span("sweep") as sweep:
        assert drain.deliver_due() == 1

    failed, delivered = recorded.named("send task")
    assert {ids(failed)[0], ids(delivered)[0]} == {ids(recorded.one("request"))[0]}
    assert (failed.status.is_ok, delivered.status.is_ok) == (False, True)
    assert [link.context for link in delivered.links] == [sweep.get_span_context()]


def test_without_a_trace_nothing_is_carried(database: Database, drain: Drain, outside: Recorder) -> None:
    with database.unit_of_work() as session:
        tell_all(session)
        session.flush()
        assert all("traceparent" not in payload for payload in session.scalars(select(OutboxRow.payload)))

    assert outside.carried == [{}, {}, {}]


def test_a_fact_carries_its_trace_as_an_extension_of_its_cloud_event(
    make_settings: SettingsMaker, target: Target, recorded: Recorded
) -> None:
    """https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/distributed-tracing.md"""
    fact = Fact(new_id(), 7, "job.succeeded", START, {})
    settings = make_settings(events="direct", event_subscribers=(target.url("/facts"),))

    with span("send event"):
        DirectDispatcher(settings, lambda project_id, rev: fact).dispatch(new_id(), {"project_id": str(fact.project_id), "rev": 7})

    (received,) = target.received("/facts")
    sent = traceparent_of(recorded.one("send event"))
    assert (received.headers["ce-traceparent"], received.headers["traceparent"]) == (sent, sent)


def trace_of_tasks(world: World) -> set[str]:
    """The ids of the traces that the undelivered tasks about jobs go on with."""
    with world.database.unit_of_work() as session:
        payloads = [row.payload for row in session.scalars(select(OutboxRow)) if "job_id" in row.payload.get("body", {})]
    assert payloads
    return {payload["traceparent"].split("-")[1] for payload in payloads}


def clicked(world: World, recorded: Recorded) -> tuple[UUID, str]:
    """A job and the id of the trace of the click that made it."""
    with span("click"):
        job_id = world.first_job(world.run(world.a_video()))
    return job_id, f"{ids(recorded.named('click')[-1])[0]:032x}"


def test_a_job_that_another_request_admits_goes_on_with_its_own_trace(world: World, recorded: Recorded) -> None:
    job_id, trace_id = clicked(world, recorded)
    world.forget_told()
    with world.database.unit_of_work() as session:
        job = session.get_one(Job, job_id)
        job.admitted_at = job.next_check_at = None

    with span("another request"):
        assert world.admit() == 1

    assert trace_of_tasks(world) == {trace_id}


def test_a_job_that_the_sweep_takes_up_goes_on_with_its_own_trace(world: World, recorded: Recorded) -> None:
    _, trace_id = clicked(world, recorded)
    world.forget_told()
    world.clock.tick(minutes=10)

    with span("sweep"):
        assert world.sweep()["rearmed"] == 1

    assert trace_of_tasks(world) == {trace_id}


def test_an_event_of_the_bucket_joins_the_trace_of_the_job_it_is_about(world: World, recorded: Recorded) -> None:
    with span("click"):
        job_id = world.submitted(world.a_video())
    click = recorded.one("click")
    world.forget_told()

    with span("POST /tasks/object-finalized") as request:
        world.finalized(world.render(job_id))

    finalized = recorded.one("job.object_finalized")
    assert finalized.parent is not None
    assert (finalized.parent.trace_id, finalized.parent.span_id) == ids(click)
    assert [link.context for link in finalized.links] == [request.get_span_context()]
    assert trace_of_tasks(world) == {f"{ids(click)[0]:032x}"}


def test_the_spans_of_a_job_say_what_it_was_and_never_what_was_asked_for(world: World, recorded: Recorded) -> None:
    with span("click"):
        job_id = world.submitted(world.a_video(prompt="A fox with a secret"))
    world.finalized(world.render(job_id))
    world.settle(job_id)

    step, call = recorded.one("job.submit"), recorded.one("generate_videos veo-3.1-fast-generate-001")
    assert step.attributes == {
        "reelgraph.job.id": str(job_id),
        "reelgraph.job.state": "submitted",
        "reelgraph.job.kind": "generate",
        "reelgraph.job.attempt": 1,
        "reelgraph.job.cost_microusd": 800_000,
        "gen_ai.request.model": "veo-3.1-fast-generate-001",
    }
    assert call.attributes is not None
    assert call.attributes["reelgraph.provider.outcome"] == "Accepted"
    assert {"job.settle", "take.store"} <= {span.name for span in recorded.spans()}
    assert not any("secret" in span.to_json() for span in recorded.spans())
