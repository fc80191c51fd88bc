"""Reading and finding rows of projects. `get_` raises NotFound, `find_` returns None, `list_` returns all."""

from collections.abc import Sequence
from typing import TypeVar, TypeVarTuple
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from services.core.accounts.model import ProjectMember
from services.core.kit.errors import NotFound
from services.core.projects.graph import Graph, GraphNode, Wire, graph_node, make_graph
from services.core.projects.model import Connection, Node, Project

Row = TypeVar("Row", Project, Node)
Columns = TypeVarTuple("Columns")


def get_project(session: Session, project_id: UUID, *, lock: bool = False) -> Project:
    """The project; locked until the end of the transaction when asked, which orders all that changes it.

    Whoever locks anything of a project locks the project first, so that nobody deadlocks.
    """
    project = _get_locked(session, Project, project_id) if lock else session.get(Project, project_id)
    if project is None:
        raise NotFound("project_not_found", "There is no such project.", "It may have been deleted; open another one.")
    return project


def list_projects(session: Session, user_id: UUID) -> list[tuple[Project, str]]:
    """The projects a person is a member of with the role, newest change first."""
    rows = session.execute(
        select(Project, ProjectMember.role)
        .join(ProjectMember, ProjectMember.project_id == Project.id)
        .where(ProjectMember.user_id == user_id)
        .order_by(Project.updated_at.desc())
    )
    return [(project, role) for project, role in rows]


def get_node(session: Session, project_id: UUID, node_id: UUID, *, lock: bool = False) -> Node:
    """The node, deleted ones excluded; when locked, as it is now and not as this session may have read it before."""
    node = find_node(session, project_id, node_id, lock=lock)
    if node is None or node.deleted_at is not None:
        raise NotFound("node_not_found", f"There is no node {node_id} in this project.", "It may have been deleted; reload the canvas.")
    return node


def find_node(session: Session, project_id: UUID, node_id: UUID, *, lock: bool = False) -> Node | None:
    """The node, deleted ones included."""
    node = _get_locked(session, Node, node_id) if lock else session.get(Node, node_id)
    return node if node is not None and node.project_id == project_id else None


def _get_locked(session: Session, kind: type[Row], id_: UUID) -> Row | None:
    """The row as it is now, also where this session has read it before.

    Locked so that it may still be referred to (FOR NO KEY UPDATE): two that have each inserted a row of one project would
    otherwise wait for each other.
    """
    query = select(kind).where(kind.id == id_).with_for_update(key_share=True)
    return session.scalar(query.execution_options(populate_existing=True))


def list_nodes(session: Session, project_id: UUID) -> list[Node]:
    """The nodes on the canvas, oldest first."""
    return list(
        session.scalars(select(Node).where(Node.project_id == project_id, Node.deleted_at.is_(None)).order_by(Node.created_at, Node.id))
    )


def count_nodes(session: Session, project_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many nodes are on the canvas of each of these projects; empty ones are left out."""
    counts = select(Node.project_id, func.count()).where(Node.project_id.in_(project_ids), Node.deleted_at.is_(None))
    return {project_id: count for project_id, count in session.execute(counts.group_by(Node.project_id))}


def list_connections(session: Session, project_id: UUID) -> list[Connection]:
    """The wires between nodes on the canvas, oldest first."""
    return list(session.scalars(_between_living(select(Connection), project_id)))


def list_wires(session: Session, project_id: UUID) -> list[Wire]:
    """The same as the rules see them, for all that needs no rows: a canvas may have ten thousand."""
    ends = select(Connection.source_node_id, Connection.source_port, Connection.target_node_id, Connection.target_port)
    return [Wire(*row) for row in session.execute(_between_living(ends, project_id))]


def _between_living(query: Select[*Columns], project_id: UUID) -> Select[*Columns]:
    living = select(Node.id).where(Node.project_id == project_id, Node.deleted_at.is_(None))
    return query.where(
        Connection.project_id == project_id, Connection.source_node_id.in_(living), Connection.target_node_id.in_(living)
    ).order_by(Connection.created_at, Connection.id)


def load_graph(session: Session, project_id: UUID) -> Graph:
    """The project's graph as the rules see it."""
    return make_graph([as_graph_node(node) for node in list_nodes(session, project_id)], list_wires(session, project_id))


def as_graph_node(node: Node) -> GraphNode:
    """A node as the rules see it."""
    return graph_node(node.id, node.type, node.title, node.config, node.selected_take_id)
