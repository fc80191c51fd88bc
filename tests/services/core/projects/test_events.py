"""The log of a project: numbered without gaps, in the order of commits, and read by cursor without missing anything."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.core.kit.database import Database
from services.core.kit.errors import NotFound
from services.core.kit.ids import new_id
from services.core.projects import events
from services.core.projects.events import PUBLISHED_TYPES, Entry
from tests.services.core.projects.canvas import START, Canvas, clear_outbox, outbox

WRITERS = 8
EACH = 12


def test_eight_writers_at_once_leave_no_gap_and_a_reader_by_cursor_misses_nothing(canvas: Canvas, database: Database) -> None:
    done = threading.Event()
    seen: list[int] = []

    def write(writer: int) -> None:
        for turn in range(EACH):
            with database.unit_of_work() as session:
                events.append(session, canvas.project_id, "test.written", {"writer": writer, "turn": turn}, at=START)
                if turn % 4 == 3:
                    session.rollback()  # a number that is not committed must not leave a hole

    def read() -> None:
        while True:
            finished = done.is_set()  # asked before reading: what was committed until then must be found
            with database.unit_of_work() as session:
                found = events.list_after(session, canvas.project_id, seen[-1] if seen else 0, limit=7)
            seen.extend(event.rev for event in found)
            if finished and not found:
                return

    with ThreadPoolExecutor(WRITERS + 1) as threads:
        reader = threads.submit(read)
        for writing in [threads.submit(write, writer) for writer in range(WRITERS)]:
            writing.result()
        done.set()
        reader.result()

    written = canvas.events()
    assert len(written) == WRITERS * EACH * 3 // 4
    assert seen == [event.rev for event in written] == list(range(1, len(written) + 1))
    for writer in range(WRITERS):
        turns = [event.payload["turn"] for event in written if event.payload["writer"] == writer]
        assert turns == sorted(turns)


def test_each_project_counts_for_itself(canvas: Canvas, elsewhere: Canvas) -> None:
    for place in (canvas, elsewhere):
        with place.database.unit_of_work() as session:
            assert events.append(session, place.project_id, "test.written", {}, at=START) == 1

    with canvas.database.unit_of_work() as session:
        assert events.revisions(session, [canvas.project_id, new_id()]) == {canvas.project_id: 1}


def test_events_come_after_the_cursor_in_order_and_no_more_than_asked_for(canvas: Canvas, database: Database) -> None:
    with database.unit_of_work() as session:
        last = events.append_all(session, canvas.project_id, [Entry("test.written", {"n": n}) for n in range(1, 6)], at=START)
        assert last == 5
        assert [event.payload["n"] for event in events.list_after(session, canvas.project_id, 1, limit=3)] == [2, 3, 4]
        assert events.list_after(session, canvas.project_id, 5) == []


def test_an_event_as_followers_see_it_is_plain_json(canvas: Canvas, database: Database) -> None:
    operation_id = new_id()
    with database.unit_of_work() as session:
        events.append(session, canvas.project_id, "test.written", {"n": 1}, at=START, actor_id=canvas.owner_id, operation_id=operation_id)

    (event,) = canvas.events()

    assert event.document() == {
        "rev": 1,
        "type": "test.written",
        "payload": {"n": 1},
        "actor_id": str(canvas.owner_id),
        "operation_id": str(operation_id),
        "at": "2026-11-22T12:00:00+00:00",
    }


def test_an_event_of_a_project_that_is_gone_is_refused(database: Database) -> None:
    with pytest.raises(NotFound), database.unit_of_work() as session:
        events.append(session, new_id(), "test.written", {}, at=START)


def test_facts_for_the_outside_are_published_and_edits_are_not(canvas: Canvas, database: Database) -> None:
    clear_outbox(database)
    with database.unit_of_work() as session:
        events.append_all(
            session, canvas.project_id, [Entry(type_, {}) for type_ in ("node.created", "job.succeeded", "asset.ready")], at=START
        )

    assert {payload["project_id"] for payload in outbox(database, "events")} == {str(canvas.project_id)}
    assert sorted(payload["rev"] for payload in outbox(database, "events")) == [2, 3]
    assert "node.updated" not in PUBLISHED_TYPES


def test_listeners_are_told_once_for_each_transaction_and_project(canvas: Canvas, elsewhere: Canvas, database: Database) -> None:
    clear_outbox(database)
    with database.unit_of_work() as session:
        for place in (canvas, canvas, elsewhere):
            events.append(session, place.project_id, "test.written", {}, at=START)

    told = [payload["project_id"] for payload in outbox(database, "live")]
    assert sorted(told) == sorted([str(canvas.project_id), str(elsewhere.project_id)])
