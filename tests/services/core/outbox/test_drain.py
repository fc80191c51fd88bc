"""Commit, then tell: nothing is told that was not committed, everything that was is told in the end."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from services.core.kit.database import Database
from services.core.kit.ids import new_id
from services.core.outbox.drain import CLAIM, MAX_DELAY, DeliveryFailed, Drain
from services.core.outbox.model import OutboxRow
from services.core.outbox.rows import add_event, add_live_member, add_live_node, add_live_project, add_task
from services.core.projects.model import Project
from tests.services.core.projects.canvas import START, HandClock, outbox

LATER = timedelta(days=1)  # rows are due from the time of the database's own clock on; the clock of a test begins after it


class Recorder:
    """Another side that notes what it is given, and does with it what the test lays out."""

    def __init__(self) -> None:
        self.given: list[tuple[UUID, Mapping[str, Any]]] = []
        self.react: Callable[[Mapping[str, Any]], object] = lambda payload: None

    @property
    def paths(self) -> list[str]:
        return [payload["path"] for _, payload in self.given]

    def dispatch(self, row_id: UUID, payload: Mapping[str, Any]) -> None:
        self.given.append((row_id, payload))
        self.react(payload)


class Killed(BaseException):
    """The process died here: nothing that handles exceptions may see it."""


def fail(*paths: str) -> Callable[[Mapping[str, Any]], None]:
    """A reaction that refuses tasks to these paths; all, where none is named."""

    def react(payload: Mapping[str, Any]) -> None:
        if not paths or payload.get("path") in paths:
            raise DeliveryFailed("it is down")

    return react


@pytest.fixture
def clock() -> HandClock:
    return HandClock(datetime.now(START.tzinfo) + LATER)


@pytest.fixture
def tasks() -> Recorder:
    return Recorder()


@pytest.fixture
def live() -> Recorder:
    return Recorder()


@pytest.fixture
def drain(database: Database, tasks: Recorder, live: Recorder, clock: HandClock) -> Drain:
    """Deliveries after each commit of `database`."""
    drain = Drain(database, {"tasks": tasks, "live": live}, clock)
    database.deliver = drain.deliver
    return drain


def tell(database: Database, *paths: str) -> None:
    """Commit a transaction that tells of tasks."""
    with database.unit_of_work() as session:
        for path in paths:
            add_task(session, path, {})


def rows(database: Database) -> list[OutboxRow]:
    with database.unit_of_work() as session:
        return list(session.scalars(select(OutboxRow)))


@pytest.mark.usefixtures("drain")
def test_a_change_is_told_after_its_commit_and_then_forgotten(database: Database, tasks: Recorder, engine: Engine) -> None:
    committed: list[str] = []

    def look(_: object) -> None:
        with Session(engine) as other:
            committed.extend(other.scalars(select(Project.name)))

    tasks.react = look
    with database.unit_of_work() as session:
        session.add(Project(id=new_id(), name="Trailer", spending_limit_microusd=0))
        add_task(session, "/tasks/admit", {"model": "veo"}, at=START)
        assert tasks.given == []

    ((_, payload),) = tasks.given
    assert committed == ["Trailer"]
    assert payload == {"target": "worker", "path": "/tasks/admit", "body": {"model": "veo"}, "at": START.isoformat()}
    assert rows(database) == []


@pytest.mark.usefixtures("drain")
def test_a_change_that_is_rolled_back_tells_nothing(database: Database, tasks: Recorder) -> None:
    def fail_halfway() -> None:
        with database.unit_of_work() as session:
            add_task(session, "/tasks/admit", {})
            session.flush()
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail_halfway()

    assert tasks.given == []
    assert rows(database) == []


@pytest.mark.usefixtures("drain")
def test_rows_are_told_in_the_order_they_were_added(database: Database, tasks: Recorder) -> None:
    paths = [f"/tasks/{number}" for number in range(10)]

    tell(database, *paths)

    assert tasks.paths == paths


def test_what_the_other_side_does_not_take_comes_again_later_each_time(
    database: Database, drain: Drain, tasks: Recorder, clock: HandClock
) -> None:
    tasks.react = fail()
    tell(database, "/tasks/submit")
    waited: list[timedelta] = []
    for _ in range(12):
        (row,) = rows(database)
        assert (row.claimed_until, row.last_error) == (None, "it is down")
        waited.append(row.not_before - clock.now)
        clock.now = row.not_before - timedelta(milliseconds=1)
        assert drain.deliver_due() == 0
        clock.now = row.not_before
        given = len(tasks.given)
        assert drain.deliver_due() == 0
        assert len(tasks.given) == given + 1

    assert waited[:4] == [timedelta(seconds=seconds) for seconds in (2, 4, 8, 16)]
    assert waited[-1] == MAX_DELAY
    tasks.react = lambda payload: None
    clock.advance(minutes=10)
    assert drain.deliver_due() == 1
    assert rows(database) == []


@pytest.mark.usefixtures("drain")
def test_nobody_waits_for_a_destination_that_is_down_once_for_each_row(database: Database, tasks: Recorder, live: Recorder) -> None:
    tasks.react = fail()
    with database.unit_of_work() as session:
        for number in range(5):
            add_task(session, f"/tasks/{number}", {})
            add_live_node(session, new_id())

    assert tasks.paths == ["/tasks/0"]
    assert len(live.given) == 5
    assert sorted(row.attempts for row in rows(database)) == [0, 0, 0, 0, 1]


def test_rows_left_behind_by_a_destination_that_was_down_are_due_at_once(
    database: Database, drain: Drain, tasks: Recorder, clock: HandClock
) -> None:
    tasks.react = fail("/tasks/0")
    tell(database, "/tasks/0", "/tasks/1", "/tasks/2")

    assert drain.deliver_due() == 2
    clock.advance(seconds=2)
    tasks.react = fail()
    assert drain.deliver_due() == 0
    assert tasks.paths == ["/tasks/0", "/tasks/1", "/tasks/2", "/tasks/0"]


@pytest.mark.usefixtures("drain")
def test_a_dispatcher_that_crashes_fails_neither_the_request_nor_other_rows(database: Database, tasks: Recorder, live: Recorder) -> None:
    def crash(payload: Mapping[str, Any]) -> None:
        if payload["path"] == "/tasks/bad":
            raise ZeroDivisionError

    tasks.react = crash
    with database.unit_of_work() as session:
        add_task(session, "/tasks/bad", {})
        add_task(session, "/tasks/good", {})
        add_live_node(session, new_id())

    assert tasks.paths == ["/tasks/bad", "/tasks/good"]
    assert len(live.given) == 1
    (left,) = rows(database)
    assert (left.last_error, left.claimed_until, left.attempts) == ("ZeroDivisionError", None, 1)


def test_a_destination_nobody_serves_fails_only_its_own_rows(database: Database, drain: Drain, tasks: Recorder) -> None:
    with database.unit_of_work() as session:
        add_event(session, project_id=new_id(), rev=1)
        add_task(session, "/tasks/admit", {})

    assert tasks.paths == ["/tasks/admit"]
    assert [row.last_error for row in rows(database)] == ["KeyError"]
    assert drain.deliver([]) == 0


def test_a_row_whose_deliverer_died_is_delivered_when_the_claim_has_run_out(
    database: Database, drain: Drain, tasks: Recorder, clock: HandClock
) -> None:
    def die(_: object) -> None:
        raise Killed

    tasks.react = die
    with pytest.raises(Killed):
        tell(database, "/tasks/submit")
    tasks.react = lambda payload: None

    clock.advance(seconds=CLAIM.total_seconds())
    assert drain.deliver_due() == 0
    clock.advance(milliseconds=1)
    assert drain.deliver_due() == 1
    assert tasks.paths == ["/tasks/submit", "/tasks/submit"]


def test_several_drains_at_once_deliver_each_row_once(database: Database, tasks: Recorder, clock: HandClock) -> None:
    tell(database, *(f"/tasks/{number}" for number in range(40)))
    together = threading.Barrier(6)
    drains = [Drain(database, {"tasks": tasks}, clock) for _ in range(6)]

    def deliver(drain: Drain) -> int:
        together.wait(10)
        return drain.deliver_due()

    with ThreadPoolExecutor(6) as threads:
        delivered = list(threads.map(deliver, drains))

    assert sum(delivered) == 40
    assert set(Counter(row_id for row_id, _ in tasks.given).values()) == {1}
    assert rows(database) == []


def test_a_row_that_somebody_is_delivering_is_left_to_them(database: Database, tasks: Recorder, clock: HandClock) -> None:
    tell(database, "/tasks/submit")
    drain = Drain(database, {"tasks": tasks}, clock)
    meanwhile: list[int] = []
    tasks.react = lambda payload: meanwhile.append(drain.deliver_due())

    assert drain.deliver_due() == 1
    assert meanwhile == [0]


def test_the_longest_due_rows_come_first_and_no_more_than_asked_for(database: Database, tasks: Recorder, clock: HandClock) -> None:
    with database.unit_of_work() as session:
        for minutes in (3, 1, 2, -5):
            due_at = clock.now - timedelta(minutes=minutes)
            payload = {"path": f"due {minutes} minutes ago"}
            session.add(OutboxRow(id=new_id(), destination="tasks", payload=payload, not_before=due_at))

    Drain(database, {"tasks": tasks}, clock).deliver_due(limit=2)

    assert tasks.paths == ["due 3 minutes ago", "due 2 minutes ago"]


def test_a_delivery_may_tell_of_more(database: Database, drain: Drain, tasks: Recorder, live: Recorder) -> None:
    live.react = lambda payload: tell(database, "/tasks/project-revision")
    with database.unit_of_work() as session:
        add_live_project(session, new_id())

    assert tasks.paths == ["/tasks/project-revision"]
    assert rows(database) == []
    assert drain.deliver_due() == 0


def test_a_database_that_fails_after_the_commit_does_not_fail_the_request(database: Database, tasks: Recorder, clock: HandClock) -> None:
    gone = Database(create_engine("postgresql+pg8000://nobody@127.0.0.1:1/none"))
    database.deliver = Drain(gone, {"tasks": tasks}, clock).deliver

    tell(database, "/tasks/submit")

    assert [row.attempts for row in rows(database)] == [0]


def test_what_is_told_carries_ids_and_no_more(database: Database) -> None:
    project_id, user_id, node_id = new_id(), new_id(), new_id()
    with database.unit_of_work() as session:
        add_event(session, project_id=project_id, rev=7)
        add_live_project(session, project_id)
        add_live_project(session, project_id)
        add_live_member(session, project_id=project_id, user_id=user_id)
        add_live_node(session, node_id)
        add_task(session, "/", {"name": "x"}, target="image_uploaded", name="once", headers={"ce-id": "1"})

    assert outbox(database, "events") == [{"project_id": str(project_id), "rev": 7}]
    live = sorted(outbox(database, "live"), key=lambda payload: str(payload["kind"]))
    assert live == [
        {"kind": "member", "project_id": str(project_id), "user_id": str(user_id)},
        {"kind": "node", "node_id": str(node_id)},
        {"kind": "project", "project_id": str(project_id)},
    ]
    assert outbox(database, "tasks") == [
        {"target": "image_uploaded", "path": "/", "body": {"name": "x"}, "at": None, "headers": {"ce-id": "1"}, "name": "once"}
    ]
