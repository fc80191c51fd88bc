"""Edits of a graph as operations: the one way in which people change a project, by API or by socket.

The server orders them (the event's `rev`), the last write wins for each field, and each is applied once however often it
is sent (`operation_id`). What one transaction adds is told apart by the clock's time, not by the transaction's: nodes keep the
order they were added in, and so do the wires of a port, which is the order of references.
"""

from datetime import datetime
from typing import Annotated, Any, Literal, assert_never
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.kit.errors import Conflict, NotFound, Problem
from services.core.kit.ids import new_id
from services.core.outbox.rows import add_live_node
from services.core.projects import events
from services.core.projects.documents import ProjectUpdated, connection_document, node_document
from services.core.projects.graph import Graph, Wire, check_wire
from services.core.projects.model import Connection, Node, Project, ProjectEvent
from services.core.projects.node_types import ImageConfig, find_node_type, parse_config
from services.core.projects.pictures import picture_status
from services.core.projects.references import check_take
from services.core.projects.repository import as_graph_node, find_node, get_node, get_project, list_connections, list_wires, load_graph
from services.core.projects.status import NodeState, is_at_work, set_status


class Position(BaseModel):
    """Where a node's top left corner lies, in canvas units."""

    x: float = Field(allow_inf_nan=False)
    y: float = Field(allow_inf_nan=False)


def _require_op(schema: dict[str, Any]) -> None:
    """`op` has a default for those who write operations in Python; on the wire it tells which operation it is."""
    schema["required"] = ["op", *schema.get("required", [])]


class _Operation(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra=_require_op)
    operation_id: UUID = Field(default_factory=new_id)


class CreateNode(_Operation):
    """Add a node; the client may choose its id, so that it can show it before the answer."""

    op: Literal["create_node"] = "create_node"
    node_id: UUID = Field(default_factory=new_id)
    type: str
    title: str | None = Field(default=None, max_length=200)
    position: Position = Position(x=0, y=0)
    config: dict[str, Any] = Field(default_factory=dict)


class UpdateNode(_Operation):
    """Change the fields that are given; in `config` too, field by field."""

    op: Literal["update_node"] = "update_node"
    node_id: UUID
    title: str | None = Field(default=None, min_length=1, max_length=200)
    position: Position | None = None
    config: dict[str, Any] | None = None
    selected_take_id: UUID | None = None


class DeleteNode(_Operation):
    """Take a node off the canvas; its takes are kept and RestoreNode brings it back with its wires."""

    op: Literal["delete_node"] = "delete_node"
    node_id: UUID


class RestoreNode(_Operation):
    """Undo of DeleteNode."""

    op: Literal["restore_node"] = "restore_node"
    node_id: UUID


class Connect(_Operation):
    """Add a wire."""

    op: Literal["connect"] = "connect"
    connection_id: UUID = Field(default_factory=new_id)
    source_node_id: UUID
    source_port: str
    target_node_id: UUID
    target_port: str


class Disconnect(_Operation):
    """Remove a wire."""

    op: Literal["disconnect"] = "disconnect"
    connection_id: UUID


class UpdateProject(_Operation):
    """Rename the project."""

    op: Literal["update_project"] = "update_project"
    name: str = Field(min_length=1, max_length=200)


Operation = Annotated[
    CreateNode | UpdateNode | DeleteNode | RestoreNode | Connect | Disconnect | UpdateProject,
    Field(discriminator="op"),
]


def apply(session: Session, project_id: UUID, operation: Operation, *, actor_id: UUID, now: datetime) -> int:
    """Apply one operation; returns the number of its event. Repeating one that was applied changes nothing.

    Raises Problem where the operation does not fit the project as it is now.
    """
    project = get_project(session, project_id, lock=True)
    earlier = session.scalar(select(ProjectEvent).where(ProjectEvent.operation_id == operation.operation_id))
    if earlier is not None:
        if earlier.project_id != project_id:
            raise Conflict("operation_id_used", "This operation_id belongs to an edit of another project.", "Send a new one.")
        return earlier.rev
    type_, payload = _change(session, project, operation, now)
    session.flush()
    return events.append(session, project_id, type_, payload, at=now, actor_id=actor_id, operation_id=operation.operation_id)


def _change(session: Session, project: Project, operation: Operation, now: datetime) -> tuple[str, dict[str, Any]]:
    match operation:
        case CreateNode():
            return "node.created", _create(session, project.id, operation)
        case UpdateNode():
            return "node.updated", _update(session, project.id, operation, now)
        case DeleteNode():
            return "node.deleted", _delete(session, project.id, operation.node_id, now)
        case RestoreNode():
            return "node.restored", _restore(session, project.id, operation.node_id)
        case Connect():
            return "connection.created", _connect(session, project.id, operation)
        case Disconnect():
            return "connection.deleted", _disconnect(session, project.id, operation.connection_id)
        case UpdateProject():
            project.name = operation.name
            return "project.updated", ProjectUpdated(name=operation.name).document()
    assert_never(operation)


def _create(session: Session, project_id: UUID, operation: CreateNode) -> dict[str, Any]:
    if session.get(Node, operation.node_id) is not None:
        raise Conflict("node_exists", f"A node with the id {operation.node_id} exists already.", "Send a new id, or leave it out.")
    node = new_node(project_id, operation)
    config = parse_config(node.type, node.config)
    if isinstance(config, ImageConfig):
        node.state, node.status = _picture_status(session, project_id, config)
    node.created_at = func.clock_timestamp()
    session.add(node)
    session.flush()
    return {"node": node_document(node)}


def new_node(project_id: UUID, operation: CreateNode) -> Node:
    """The row of a node to create, at rest. Raises Invalid where its type or its settings do not fit."""
    config = parse_config(operation.type, operation.config)
    return Node(
        id=operation.node_id,
        project_id=project_id,
        type=operation.type,
        title=operation.title or find_node_type(operation.type).title,
        position_x=operation.position.x,
        position_y=operation.position.y,
        config=config.model_dump(mode="json"),
        selected_take_id=None,
        state="idle",
        status={},
        version=1,
    )


def _update(session: Session, project_id: UUID, operation: UpdateNode, now: datetime) -> dict[str, Any]:
    node = get_node(session, project_id, operation.node_id, lock=True)
    changed: dict[str, Any] = {"node_id": str(node.id)}
    if operation.title is not None:
        node.title = changed["title"] = operation.title
    if operation.position is not None:
        node.position_x, node.position_y = operation.position.x, operation.position.y
        changed["position"] = operation.position.model_dump()
    if operation.config is not None:
        before, config = node.config, parse_config(node.type, {**node.config, **operation.config})
        node.config = config.model_dump(mode="json")
        # As they are kept, not as they were sent: all who follow shall hold the same.
        changed["config"] = {name: node.config[name] for name in operation.config}
        if isinstance(config, ImageConfig) and node.config != before:
            state, status = _picture_status(session, project_id, config)
            set_status(session, node, state, status, now=now)
    if operation.selected_take_id is not None:
        check_take(session, node.id, operation.selected_take_id)
        node.selected_take_id = operation.selected_take_id
        changed["selected_take_id"] = str(operation.selected_take_id)
    node.version += 1
    return {**changed, "version": node.version}


def _picture_status(session: Session, project_id: UUID, config: ImageConfig) -> tuple[NodeState, dict[str, Any]]:
    if config.asset_id is None:
        return "idle", {}
    return picture_status(session, project_id, config.asset_id)


def _delete(session: Session, project_id: UUID, node_id: UUID, now: datetime) -> dict[str, Any]:
    node = get_node(session, project_id, node_id, lock=True)
    if is_at_work(node):
        raise Conflict("node_is_busy", f"{node.title!r} is {node.state}.", "Cancel its job first; then it can be deleted.")
    node.deleted_at = now
    node.version += 1
    _follow_on_canvas(session, node)
    return {"node_id": str(node_id), "version": node.version}


def _restore(session: Session, project_id: UUID, node_id: UUID) -> dict[str, Any]:
    node = find_node(session, project_id, node_id, lock=True)
    if node is None:
        raise NotFound("node_not_found", f"There is no node {node_id} in this project.")
    node.deleted_at = None
    node.version += 1
    session.flush()
    _follow_on_canvas(session, node)
    connections = _restore_wires(session, project_id, node_id)
    return {"node": node_document(node), "connections": [connection_document(connection) for connection in connections]}


def _follow_on_canvas(session: Session, node: Node) -> None:
    """A live document is there only for a node that is on the canvas."""
    if node.live_until is not None:
        add_live_node(session, node.id)


def _restore_wires(session: Session, project_id: UUID, node_id: UUID) -> list[Connection]:
    """The wires that come back with a node. One that does not fit any more is gone: its port was taken meanwhile, or it closed a circle."""
    nodes = load_graph(session, project_id).nodes
    own: list[Connection] = []
    wires: list[Wire] = []
    for connection in list_connections(session, project_id):
        if node_id in (connection.source_node_id, connection.target_node_id):
            own.append(connection)
        else:
            wires.append(wire_of(connection))
    restored: list[Connection] = []
    for connection in own:
        wire = wire_of(connection)
        try:
            check_wire(Graph(nodes, tuple(wires)), wire)
        except Problem:
            session.delete(connection)
        else:
            wires.append(wire)
            restored.append(connection)
    session.flush()
    return restored


def _connect(session: Session, project_id: UUID, operation: Connect) -> dict[str, Any]:
    ends = (get_node(session, project_id, operation.source_node_id), get_node(session, project_id, operation.target_node_id))
    # All wires, for they may close a circle, but only these two nodes: a canvas may have ten thousand.
    graph = Graph({node.id: as_graph_node(node) for node in ends}, tuple(list_wires(session, project_id)))
    connection = new_connection(project_id, operation)
    check_wire(graph, wire_of(connection))
    if session.get(Connection, operation.connection_id) is not None:
        raise Conflict("connection_exists", f"A connection with the id {operation.connection_id} exists already.", "Send a new id.")
    connection.created_at = func.clock_timestamp()
    session.add(connection)
    session.flush()
    return {"connection": connection_document(connection)}


def new_connection(project_id: UUID, operation: Connect) -> Connection:
    """The row of a wire to add; check_wire says whether it may be."""
    return Connection(
        id=operation.connection_id,
        project_id=project_id,
        source_node_id=operation.source_node_id,
        source_port=operation.source_port,
        target_node_id=operation.target_node_id,
        target_port=operation.target_port,
    )


def wire_of(connection: Connection) -> Wire:
    """A wire as the rules see it."""
    return Wire(connection.source_node_id, connection.source_port, connection.target_node_id, connection.target_port)


def _disconnect(session: Session, project_id: UUID, connection_id: UUID) -> dict[str, Any]:
    connection = session.get(Connection, connection_id)
    if connection is None or connection.project_id != project_id:
        raise NotFound("connection_not_found", f"There is no connection {connection_id} in this project.", "It may be gone already.")
    session.delete(connection)
    return {"connection_id": str(connection_id)}
