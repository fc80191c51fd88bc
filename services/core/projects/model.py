"""Tables of projects, their nodes and connections, and the append-only log of each project."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, Text, UniqueConstraint, false, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.core.kit.database import Base


class Project(Base):
    """A canvas. `rev` numbers its events; it moves in the transaction of each change, so no reader can skip one."""

    __tablename__ = "projects"
    __table_args__ = (CheckConstraint("spending_limit_microusd >= 0", name="spending_limit"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    rev: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    spending_limit_microusd: Mapped[int] = mapped_column(BigInteger)
    accepts_commands: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether messages on the commands topic may start runs; who may publish there is IAM's affair, so each owner opts in."""
    live_rev_written_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now(), onupdate=func.now())


class Node(Base):
    """A card on the canvas. `version` counts its changes; `config` is parsed by the node type (see node_types)."""

    __tablename__ = "nodes"
    __table_args__ = (
        CheckConstraint("type IN ('image', 'prompt', 'video', 'frame', 'note')", name="type"),
        CheckConstraint(
            "state IN ('idle', 'waiting', 'queued', 'running', 'succeeded', 'failed', 'blocked', 'cancelled')",
            name="state",
        ),
        UniqueConstraint("project_id", "id", name="uq_nodes_project_id_id"),
        Index("ix_nodes_live", "live_until", postgresql_where="live_until IS NOT NULL"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    type: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    position_x: Mapped[float]
    position_y: Mapped[float]
    config: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text, default="idle", server_default="idle")
    status: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    """What the state means in detail: stage, hop, job_id, expected_seconds, or cause, category, advice."""
    version: Mapped[int] = mapped_column(BigInteger, default=1, server_default="1")
    selected_take_id: Mapped[UUID | None]
    live_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """While set, a live document of this node exists or may exist; the sweep deletes it after this time."""
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """A deleted node keeps its row: its takes were paid for, and undo brings it back."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now(), onupdate=func.now())


class Connection(Base):
    """A wire from an output port to an input port of two nodes of one project."""

    __tablename__ = "connections"
    __table_args__ = (
        UniqueConstraint("source_node_id", "source_port", "target_node_id", "target_port", name="uq_connections_wire"),
        CheckConstraint("source_node_id <> target_node_id", name="no_loop"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    source_node_id: Mapped[UUID] = mapped_column(ForeignKey("nodes.id", ondelete="CASCADE"))
    source_port: Mapped[str] = mapped_column(Text)
    target_node_id: Mapped[UUID] = mapped_column(ForeignKey("nodes.id", ondelete="CASCADE"), index=True)
    target_port: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class ProjectEvent(Base):
    """What happened in a project, in order, for ever: feeds sockets, Pub/Sub, history and audit."""

    __tablename__ = "project_events"

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    rev: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    type: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    actor_id: Mapped[UUID | None]
    operation_id: Mapped[UUID | None] = mapped_column(unique=True)
    """The client's id of the edit, so that a resent edit is applied once."""
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
