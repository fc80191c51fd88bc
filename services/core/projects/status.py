"""What a node shows of its work: its state, the detail beside it, and the live document while it moves."""

from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy.orm import Session

from services.core.outbox.rows import add_live_node
from services.core.projects import events
from services.core.projects.model import Node

NodeState = Literal["idle", "waiting", "queued", "running", "succeeded", "failed", "blocked", "cancelled"]

_BUSY_STATES = frozenset({"waiting", "queued", "running"})

LIVE_AFTER_END = timedelta(minutes=1)
"""How long a node that came to rest keeps its live document, so that a listener that blinked still sees the end."""


def set_status(session: Session, node: Node, state: NodeState, status: dict[str, Any], *, now: datetime) -> None:
    """Move a node to `state`, log it and update its live document. Nothing happens where nothing changed.

    Only a running node has a live document: queued and waiting nodes are many and hardly move.
    """
    if node.state == state and node.status == status:
        return
    node.state, node.status = state, status
    node.version += 1
    if state == "running":
        node.live_until = now + timedelta(hours=1)
        add_live_node(session, node.id)
    elif node.live_until is not None:
        node.live_until = now + LIVE_AFTER_END
        add_live_node(session, node.id)
    events.append(
        session,
        node.project_id,
        "node.status",
        {"node_id": str(node.id), "state": state, "status": status, "version": node.version}
        | ({"selected_take_id": str(node.selected_take_id)} if node.selected_take_id else {}),
        at=now,
    )


def is_at_work(node: Node) -> bool:
    """Whether a job of this node is under way. Inspecting a picture is none: it costs nothing, and nobody could cancel it."""
    return node.type != "image" and node.state in _BUSY_STATES


def picture_state(asset_state: str) -> NodeState:
    """The state of an image node whose picture is pending, ready or rejected; pictures.picture_status says what goes with it."""
    match asset_state:
        case "pending":
            return "running"
        case "rejected":
            return "failed"
        case _:
            return "succeeded"


def live_document(node: Node) -> dict[str, Any]:
    """The document listeners see: enough to paint the node, no prompts, no signed URLs."""
    return {
        "node_id": str(node.id),
        "project_id": str(node.project_id),
        "state": node.state,
        "status": node.status,
        "version": node.version,
        "selected_take_id": str(node.selected_take_id) if node.selected_take_id else None,
    }
