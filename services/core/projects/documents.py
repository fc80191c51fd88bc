"""Nodes and wires as JSON, for the log and for all who follow it."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from services.core.projects.model import Connection, Node


def node_document(node: Node) -> dict[str, Any]:
    """A node as the API and the sockets show it."""
    return {
        "id": str(node.id),
        "type": node.type,
        "title": node.title,
        "position": {"x": node.position_x, "y": node.position_y},
        "config": node.config,
        "state": node.state,
        "status": node.status,
        "version": node.version,
        "selected_take_id": str(node.selected_take_id) if node.selected_take_id else None,
    }


def connection_document(connection: Connection) -> dict[str, Any]:
    """A wire as the API and the sockets show it."""
    return {
        "id": str(connection.id),
        "source_node_id": str(connection.source_node_id),
        "source_port": connection.source_port,
        "target_node_id": str(connection.target_node_id),
        "target_port": connection.target_port,
    }


class ProjectUpdated(BaseModel):
    """What an event `project.updated` says: what was changed of the project itself, and nothing of what was not."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(default="", min_length=1, max_length=200)
    spending_limit_microusd: int = Field(default=0, ge=0)
    accepts_commands: bool = False

    def document(self) -> dict[str, Any]:
        """The fields that were given."""
        return self.model_dump(exclude_unset=True)
