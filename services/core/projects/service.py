"""Projects as a whole: create, open, delete, export, import."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.accounts.model import ProjectMember
from services.core.kit.errors import Conflict, Invalid
from services.core.kit.ids import new_id
from services.core.outbox.rows import add_live_member, add_live_project, add_task
from services.core.projects import events, operations
from services.core.projects.documents import ProjectUpdated, connection_document, node_document
from services.core.projects.graph import Graph, check_graph
from services.core.projects.model import Connection, Node, Project
from services.core.projects.operations import Position
from services.core.projects.repository import as_graph_node, get_project, list_connections, list_nodes
from services.core.projects.status import is_at_work
from services.core.projects.workflow import Workflow, WorkflowConnection, WorkflowNode

DEFAULT_SPENDING_LIMIT_MICROUSD = 100_000_000
"""100 dollars: enough for a 148 s chain of the dearest model, small enough to survive a mistake."""


def create_project(session: Session, *, owner_id: UUID, name: str, now: datetime) -> Project:
    """A new, empty project that belongs to `owner_id`."""
    project = Project(
        id=new_id(), name=name, rev=0, spending_limit_microusd=DEFAULT_SPENDING_LIMIT_MICROUSD, created_at=now, updated_at=now
    )
    session.add(project)
    session.flush()
    session.add(ProjectMember(project_id=project.id, user_id=owner_id, role="owner"))
    session.flush()
    add_live_member(session, project_id=project.id, user_id=owner_id)
    return project


def set_spending_limit(session: Session, project: Project, limit_microusd: int, *, actor_id: UUID, now: datetime) -> None:
    """Say how much a project may spend in all; what is under way goes on, however little is left."""
    project.spending_limit_microusd = limit_microusd
    session.flush()
    changed = ProjectUpdated(spending_limit_microusd=limit_microusd).document()
    events.append(session, project.id, "project.updated", changed, at=now, actor_id=actor_id)


def accept_commands(session: Session, project: Project, accepts: bool, *, actor_id: UUID, now: datetime) -> None:
    """Say whether messages on the commands topic may start runs; what runs goes on. Call with the project locked."""
    if project.accepts_commands == accepts:
        return
    project.accepts_commands = accepts
    session.flush()
    changed = ProjectUpdated(accepts_commands=accepts).document()
    events.append(session, project.id, "project.updated", changed, at=now, actor_id=actor_id)


def delete_project(session: Session, project_id: UUID) -> None:
    """Delete a project and everything in it; what lies outside Postgres is removed by tasks. Refused while a node is at work."""
    project = get_project(session, project_id, lock=True)
    busy = [node.title for node in list_nodes(session, project_id) if is_at_work(node)]
    if busy:
        raise Conflict(
            "project_is_busy",
            f"{busy[0]!r} is at work{f', and {len(busy) - 1} more' if len(busy) > 1 else ''}.",
            "Cancel the run first: what is being rendered is being paid.",
        )
    add_live_project(session, project_id)
    add_task(session, "/tasks/forget-project", {"project_id": str(project_id)})
    session.delete(project)


def export_workflow(session: Session, project: Project) -> Workflow:
    """The project's graph as a file. Pictures stay behind: they belong to people."""
    nodes = list_nodes(session, project.id)
    keys = {node.id: f"n{index}" for index, node in enumerate(nodes, start=1)}
    return Workflow(
        name=project.name,
        nodes=[
            WorkflowNode(
                key=keys[node.id],
                type=node.type,
                title=node.title,
                position=Position(x=node.position_x, y=node.position_y),
                config={} if node.type == "image" else node.config,
            )
            for node in nodes
        ],
        connections=[
            WorkflowConnection(
                source=keys[wire.source_node_id],
                source_port=wire.source_port,
                target=keys[wire.target_node_id],
                target_port=wire.target_port,
            )
            for wire in list_connections(session, project.id)
        ],
    )


def import_workflow(session: Session, project: Project, workflow: Workflow, *, actor_id: UUID, now: datetime) -> dict[str, UUID]:
    """Add a workflow's nodes and wires to a project; returns the new node id of each key.

    Told as the same edits as if somebody had made them one by one, but checked and written all at once: a file may have
    ten thousand nodes.
    """
    get_project(session, project.id, lock=True)
    creations: dict[str, operations.CreateNode] = {}
    for node in workflow.nodes:
        if node.key in creations:
            raise Invalid("workflow_invalid", f"Two nodes of the workflow have the key {node.key!r}.", "Give each its own key.")
        # A picture belongs to the project it was uploaded to.
        config = {} if node.type == "image" else node.config
        creations[node.key] = operations.CreateNode(type=node.type, title=node.title, position=node.position, config=config)
    nodes = [operations.new_node(project.id, creation) for creation in creations.values()]
    connections = [operations.new_connection(project.id, _connect(wire, creations)) for wire in workflow.connections]
    wires = tuple(operations.wire_of(connection) for connection in connections)
    check_graph(Graph({node.id: as_graph_node(node) for node in nodes}, wires))
    rows: list[Node | Connection] = [*nodes, *connections]
    added_at: datetime = session.scalars(select(func.clock_timestamp())).one()  # the clock that all other rows go by
    for place, row in enumerate(rows):
        row.created_at = added_at + place * timedelta(microseconds=1)  # what is of one age has no order
    session.add_all(nodes)
    session.flush()
    session.add_all(connections)
    session.flush()
    entries = [events.Entry("node.created", {"node": node_document(node)}) for node in nodes]
    entries += [events.Entry("connection.created", {"connection": connection_document(connection)}) for connection in connections]
    if entries:
        events.append_all(session, project.id, entries, at=now, actor_id=actor_id)
    return {key: creation.node_id for key, creation in creations.items()}


def _connect(wire: WorkflowConnection, creations: dict[str, operations.CreateNode]) -> operations.Connect:
    for key in (wire.source, wire.target):
        if key not in creations:
            raise Invalid("workflow_invalid", f"A connection names {key!r}, which is no node of the workflow.", "Correct the file.")
    return operations.Connect(
        source_node_id=creations[wire.source].node_id,
        source_port=wire.source_port,
        target_node_id=creations[wire.target].node_id,
        target_port=wire.target_port,
    )
