"""What the dispatcher of live documents reads: the row as it is at delivery, a revision at most once a second, and all of it anew."""

from datetime import datetime, timedelta

import pytest

from services.core.kit.database import Database
from services.core.kit.ids import new_id
from services.core.outbox.live import LiveRows
from services.core.projects import events, service
from services.core.projects.live import find_fact, live_rows, reproject
from services.core.projects.operations import DeleteNode
from tests.services.core.projects.canvas import START, Canvas, HandClock, a_member, clear_outbox, outbox


@pytest.fixture
def clock() -> HandClock:
    return HandClock(START.replace(microsecond=300_000))


@pytest.fixture
def rows(database: Database, clock: HandClock) -> LiveRows:
    return live_rows(database, clock)


def arranged(database: Database) -> dict[str, datetime]:
    """The writes that are arranged for later: the name of each task, and when it is due."""
    tasks = [task for task in outbox(database, "tasks") if task["path"] == "/tasks/project-revision"]
    return {task["name"]: datetime.fromisoformat(task["at"]) for task in tasks}


def test_a_revision_is_written_at_most_once_a_second_and_once_more_afterwards(
    canvas: Canvas, database: Database, rows: LiveRows, clock: HandClock
) -> None:
    canvas.node()
    assert rows.project_rev(canvas.project_id) == 1
    assert arranged(database) == {}

    canvas.node()
    for _ in range(3):
        clock.advance(milliseconds=100)
        assert rows.project_rev(canvas.project_id) == "later"

    ((name, at),) = arranged(database).items()
    assert str(canvas.project_id) in name
    assert timedelta(seconds=1) <= at - START.replace(microsecond=300_000) <= timedelta(seconds=2)
    clock.now = at
    assert rows.project_rev(canvas.project_id) == 2


@pytest.mark.parametrize("asked_after", [0.0, 0.001, 0.5, 0.699, 0.7, 0.999])
def test_the_arranged_write_is_never_too_early(
    canvas: Canvas, database: Database, rows: LiveRows, clock: HandClock, asked_after: float
) -> None:
    rows.project_rev(canvas.project_id)
    clock.advance(seconds=asked_after)

    assert rows.project_rev(canvas.project_id) == "later"

    (clock.now,) = arranged(database).values()
    assert rows.project_rev(canvas.project_id) == 0


def test_a_project_that_is_gone_arranges_nothing(canvas: Canvas, database: Database, rows: LiveRows) -> None:
    rows.project_rev(canvas.project_id)
    with database.unit_of_work() as session:
        service.delete_project(session, canvas.project_id)

    assert rows.project_rev(canvas.project_id) == "gone"
    assert arranged(database) == {}


def test_a_node_is_live_while_it_moves_and_is_on_the_canvas(canvas: Canvas, rows: LiveRows) -> None:
    node_id = canvas.node()
    canvas.change(node_id, state="succeeded")
    before = rows.node(node_id)
    canvas.change(node_id, live_until=START)
    moving = rows.node(node_id)
    canvas.apply(DeleteNode(node_id=node_id))
    deleted = rows.node(node_id)

    assert before is not None and moving is not None and deleted is not None
    assert [row.is_live for row in (before, moving, deleted)] == [False, True, False]
    assert (moving.project_id, moving.version, moving.document["state"]) == (canvas.project_id, 1, "succeeded")
    assert rows.node(new_id()) is None


def test_a_role_is_that_of_the_project(canvas: Canvas, elsewhere: Canvas, database: Database, rows: LiveRows) -> None:
    viewer = a_member(database, canvas.project_id, "viewer")

    assert rows.role(canvas.project_id, viewer) == "viewer"
    assert rows.role(canvas.project_id, canvas.owner_id) == "owner"
    assert rows.role(elsewhere.project_id, viewer) is None


def test_a_fact_is_read_from_the_log(canvas: Canvas, elsewhere: Canvas, database: Database) -> None:
    with database.unit_of_work() as session:
        rev = events.append(session, canvas.project_id, "job.succeeded", {"job_id": "j"}, at=START)

    fact = find_fact(database, canvas.project_id, rev)

    assert fact is not None
    assert (fact.id, fact.event_type, fact.at) == (f"{canvas.project_id}-{rev}", "reelgraph.job.v1.succeeded", START)
    assert fact.detail == {"job_id": "j"}
    assert find_fact(database, elsewhere.project_id, rev) is None


def test_everything_live_can_be_written_anew(canvas: Canvas, elsewhere: Canvas, database: Database) -> None:
    moving, _still = canvas.node(), canvas.node()
    canvas.change(moving, live_until=START)
    clear_outbox(database)

    assert reproject(database) == 5

    told = {(row["kind"], row.get("node_id") or row["project_id"]) for row in outbox(database, "live")}
    projects = (str(canvas.project_id), str(elsewhere.project_id))
    assert told == {("node", str(moving)), *(("member", id_) for id_ in projects), *(("project", id_) for id_ in projects)}
