"""What a node shows of its work: logged once for each change, live only while it moves."""

from typing import Any

import pytest

from services.core.kit.database import Database
from services.core.kit.ids import new_id
from services.core.projects.model import Node
from services.core.projects.status import LIVE_AFTER_END, NodeState, live_document, picture_state, set_status
from tests.services.core.projects.canvas import START, Canvas, clear_outbox, outbox


def show(canvas: Canvas, node: Any, state: NodeState, **status: Any) -> Node:
    """Move a node to a state; returns its row."""
    clear_outbox(canvas.database)
    with canvas.database.unit_of_work() as session:
        set_status(session, session.get_one(Node, node), state, status, now=START)
    return canvas.row(node)


def test_a_running_node_is_live_and_stays_so_for_a_minute_after_its_end(canvas: Canvas, database: Database) -> None:
    node_id = canvas.node()
    document = {"kind": "node", "node_id": str(node_id)}

    queued = show(canvas, node_id, "queued")
    assert queued.live_until is None
    assert document not in outbox(database, "live")
    running = show(canvas, node_id, "running", stage="rendering")
    assert running.live_until is not None
    assert document in outbox(database, "live")
    done = show(canvas, node_id, "succeeded")
    assert done.live_until == START + LIVE_AFTER_END
    assert document in outbox(database, "live")
    assert [row.version for row in (queued, running, done)] == [2, 3, 4]


def test_a_change_is_logged_and_no_change_is_not(canvas: Canvas) -> None:
    node_id, take_id = canvas.node(), new_id()
    canvas.change(node_id, selected_take_id=take_id)
    before = len(canvas.events())

    for _ in range(2):
        show(canvas, node_id, "failed", cause="quota")

    (told,) = canvas.events()[before:]
    assert told.type == "node.status"
    assert told.payload == {
        "node_id": str(node_id),
        "state": "failed",
        "status": {"cause": "quota"},
        "version": 2,
        "selected_take_id": str(take_id),
    }


def test_a_live_document_holds_no_prompt(canvas: Canvas) -> None:
    node = canvas.row(canvas.node("prompt", text="A secret plot"))

    document = live_document(node)

    assert set(document) == {"node_id", "project_id", "state", "status", "version", "selected_take_id"}
    assert "secret" not in str(document)


@pytest.mark.parametrize(("asset_state", "state"), [("pending", "running"), ("ready", "succeeded"), ("rejected", "failed")])
def test_an_image_node_stands_as_its_picture_does(asset_state: str, state: str) -> None:
    assert picture_state(asset_state) == state
