"""/api/projects/{id}/nodes and /connections: the graph one thing at a time, for programs; the canvas sends operations."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.api.answers import ConnectionAnswer, NodeAnswer, TakeAnswer
from services.api.dependencies import TheContainer, UnitOfWork, member
from services.api.paging import Before, Limit
from services.core.accounts.authorization import Action, Membership
from services.core.jobs.repository import list_takes
from services.core.kit.paging import LARGEST_PAGE
from services.core.projects.model import Connection
from services.core.projects.node_types import NODE_TYPES
from services.core.projects.operations import Connect, CreateNode, DeleteNode, Disconnect, Position, RestoreNode, UpdateNode, apply
from services.core.projects.repository import get_node, list_nodes

router = APIRouter(prefix="/api/projects/{project_id}", tags=["graph"])
catalogue_router = APIRouter(prefix="/api/projects", tags=["graph"])

Viewer = Annotated[Membership, member(Action.VIEW_PROJECT)]
Editor = Annotated[Membership, member(Action.EDIT_GRAPH)]


class NewNode(BaseModel):
    """A node to add."""

    model_config = ConfigDict(extra="forbid")
    type: str
    title: str | None = Field(default=None, max_length=200)
    position: Position = Position(x=0, y=0)
    config: dict[str, Any] = Field(default_factory=dict)


class NodeChange(BaseModel):
    """The fields to change; in `config` too, field by field."""

    model_config = ConfigDict(extra="forbid")
    title: str | None = Field(default=None, min_length=1, max_length=200)
    position: Position | None = None
    config: dict[str, Any] | None = None
    selected_take_id: UUID | None = None


class NewConnection(BaseModel):
    """A wire to add."""

    model_config = ConfigDict(extra="forbid")
    source_node_id: UUID
    source_port: str
    target_node_id: UUID
    target_port: str


class PortAnswer(BaseModel):
    """A place where wires end."""

    name: str
    type: str
    title: str
    wires: int


class NodeTypeAnswer(BaseModel):
    """A node type: its ports, and the JSON Schema of its settings."""

    name: str
    title: str
    inputs: list[PortAnswer]
    outputs: list[PortAnswer]
    config_schema: dict[str, Any]


@catalogue_router.get("/node-types")
def list_node_types() -> list[NodeTypeAnswer]:
    """The kinds of nodes there are."""
    return [
        NodeTypeAnswer(
            name=kind.name,
            title=kind.title,
            inputs=[PortAnswer(name=p.name, type=p.type, title=p.title, wires=p.wires) for p in kind.inputs],
            outputs=[PortAnswer(name=p.name, type=p.type, title=p.title, wires=p.wires) for p in kind.outputs],
            config_schema=kind.config.model_json_schema(),
        )
        for kind in NODE_TYPES.values()
    ]


@router.get("/nodes")
def list_project_nodes(membership: Viewer, session: UnitOfWork) -> list[NodeAnswer]:
    """The nodes on the canvas."""
    return [NodeAnswer.of(node) for node in list_nodes(session, membership.project_id)]


@router.post("/nodes", status_code=201)
def create_node(new: NewNode, membership: Editor, session: UnitOfWork, container: TheContainer) -> NodeAnswer:
    """Add a node."""
    operation = CreateNode(**new.model_dump())
    apply(session, membership.project_id, operation, actor_id=membership.user_id, now=container.clock())
    return NodeAnswer.of(get_node(session, membership.project_id, operation.node_id))


@router.get("/nodes/{node_id}")
def get_project_node(node_id: UUID, membership: Viewer, session: UnitOfWork) -> NodeAnswer:
    """One node."""
    return NodeAnswer.of(get_node(session, membership.project_id, node_id))


@router.patch("/nodes/{node_id}")
def change_node(node_id: UUID, change: NodeChange, membership: Editor, session: UnitOfWork, container: TheContainer) -> NodeAnswer:
    """Change a node."""
    operation = UpdateNode(node_id=node_id, **change.model_dump())
    apply(session, membership.project_id, operation, actor_id=membership.user_id, now=container.clock())
    return NodeAnswer.of(get_node(session, membership.project_id, node_id))


@router.delete("/nodes/{node_id}", status_code=204)
def delete_node(node_id: UUID, membership: Editor, session: UnitOfWork, container: TheContainer) -> None:
    """Take a node off the canvas; its takes are kept, and it can be restored."""
    apply(session, membership.project_id, DeleteNode(node_id=node_id), actor_id=membership.user_id, now=container.clock())


@router.post("/nodes/{node_id}/restore")
def restore_node(node_id: UUID, membership: Editor, session: UnitOfWork, container: TheContainer) -> NodeAnswer:
    """Bring a deleted node back, with its wires and takes."""
    apply(session, membership.project_id, RestoreNode(node_id=node_id), actor_id=membership.user_id, now=container.clock())
    return NodeAnswer.of(get_node(session, membership.project_id, node_id))


@router.get("/nodes/{node_id}/takes")
def list_node_takes(
    node_id: UUID,
    membership: Viewer,
    session: UnitOfWork,
    container: TheContainer,
    limit: Limit = LARGEST_PAGE,
    before: Before = None,
) -> list[TakeAnswer]:
    """The results of a node, newest first, page by page."""
    get_node(session, membership.project_id, node_id)
    takes = list_takes(session, membership.project_id, node_id=node_id, limit=limit, before=before)
    return [TakeAnswer.of(take, asset, container.store) for take, asset in takes]


@router.get("/takes")
def list_project_takes(
    membership: Viewer, session: UnitOfWork, container: TheContainer, limit: Limit = LARGEST_PAGE, before: Before = None
) -> list[TakeAnswer]:
    """All results of a project, newest first, page by page: its gallery."""
    takes = list_takes(session, membership.project_id, limit=limit, before=before)
    return [TakeAnswer.of(take, asset, container.store) for take, asset in takes]


@router.post("/connections", status_code=201)
def connect(new: NewConnection, membership: Editor, session: UnitOfWork, container: TheContainer) -> ConnectionAnswer:
    """Add a wire; refused with the reason where the ports do not fit or it would make a circle."""
    operation = Connect(**new.model_dump())
    apply(session, membership.project_id, operation, actor_id=membership.user_id, now=container.clock())
    return ConnectionAnswer.of(session.get_one(Connection, operation.connection_id))


@router.delete("/connections/{connection_id}", status_code=204)
def disconnect(connection_id: UUID, membership: Editor, session: UnitOfWork, container: TheContainer) -> None:
    """Remove a wire."""
    operation = Disconnect(connection_id=connection_id)
    apply(session, membership.project_id, operation, actor_id=membership.user_id, now=container.clock())
