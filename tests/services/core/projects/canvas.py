"""A project in a real database, edited as people edit it, and what tests ask of it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from services.core.accounts.model import ProjectMember, User
from services.core.assets.model import Asset
from services.core.jobs.model import Job, Take
from services.core.kit.database import Database
from services.core.kit.ids import new_id
from services.core.outbox.model import OutboxRow
from services.core.projects import events, operations, repository, service
from services.core.projects.documents import connection_document, node_document
from services.core.projects.model import Node
from services.core.projects.operations import Connect, CreateNode, Operation

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
OUTPUT_PORTS = {"image": "image", "prompt": "prompt", "video": "video"}


@dataclass
class HandClock:
    """A clock that stands still until it is moved."""

    now: datetime = field(default=START)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        """Move on by a timedelta given by its keywords, for example `seconds=2`."""
        self.now += timedelta(**duration)


class Canvas:
    """A project with its owner."""

    def __init__(self, database: Database, name: str = "Trailer") -> None:
        self.database = database
        self.owner_id = a_person(database)
        with database.unit_of_work() as session:
            self.project_id = service.create_project(session, owner_id=self.owner_id, name=name, now=START).id

    def apply(self, operation: Operation, *, now: datetime = START) -> int:
        """Apply an operation in a transaction of its own."""
        with self.database.unit_of_work() as session:
            return operations.apply(session, self.project_id, operation, actor_id=self.owner_id, now=now)

    def node(self, type_: str = "video", title: str | None = None, **config: Any) -> UUID:
        """Add a node; returns its id."""
        operation = CreateNode(type=type_, title=title, config=config)
        self.apply(operation)
        return operation.node_id

    def wire(self, source: UUID, target: UUID, port: str) -> UUID:
        """Connect the only output of `source` to `port` of `target`; returns the connection's id."""
        operation = Connect(source_node_id=source, source_port=OUTPUT_PORTS[self.row(source).type], target_node_id=target, target_port=port)
        self.apply(operation)
        return operation.connection_id

    def row(self, node_id: UUID) -> Node:
        """The node's row, deleted or not."""
        with self.database.unit_of_work() as session:
            return session.get_one(Node, node_id)

    def change(self, node_id: UUID, **columns: Any) -> None:
        """Set columns of a node without anybody being told."""
        with self.database.unit_of_work() as session:
            node = session.get_one(Node, node_id)
            for name, value in columns.items():
                setattr(node, name, value)

    def shown(self) -> dict[str, Any]:
        """All that people see of the graph, with the number of the last event."""
        with self.database.unit_of_work() as session:
            return {
                "nodes": [node_document(node) for node in repository.list_nodes(session, self.project_id)],
                "connections": [connection_document(wire) for wire in repository.list_connections(session, self.project_id)],
                "name": repository.get_project(session, self.project_id).name,
                "rev": repository.get_project(session, self.project_id).rev,
            }

    def wires(self) -> list[tuple[UUID, UUID, str]]:
        """Source, target and input port of each wire, oldest first."""
        with self.database.unit_of_work() as session:
            wires = repository.list_wires(session, self.project_id)
            return [(wire.source_node_id, wire.target_node_id, wire.target_port) for wire in wires]

    def events(self, after: int = 0) -> list[events.Event]:
        """The project's log."""
        with self.database.unit_of_work() as session:
            return events.list_after(session, self.project_id, after, limit=100_000)

    def picture(self, state: str = "ready", **columns: Any) -> UUID:
        """A picture of the project, or whatever file `columns` make of it; returns its id."""
        columns = {"kind": "image", "file_name": "ada.jpg", "content_type": "image/jpeg", "size_bytes": 1, **columns}
        stored = {"bucket": "media", "object_name": "x", "sha256": "0" * 64}
        with self.database.unit_of_work() as session:
            asset = Asset(id=new_id(), project_id=self.project_id, state=state, created_at=START, **stored, **columns)
            session.add(asset)
        return asset.id

    def take(self, node_id: UUID) -> UUID:
        """A take of a node; returns its id."""
        asset_id = self.picture(kind="video", node_id=node_id)
        with self.database.unit_of_work() as session:
            job = Job(
                id=new_id(),
                project_id=self.project_id,
                node_id=node_id,
                user_id=self.owner_id,
                kind="generate",
                state="succeeded",
                model="veo",
                request={},
                cost_microusd=0,
                outputs=[],
            )
            session.add(job)
            session.flush()
            take = Take(
                id=new_id(),
                project_id=self.project_id,
                node_id=node_id,
                job_id=job.id,
                attempt_id=new_id(),
                sample=0,
                hop=0,
                asset_id=asset_id,
                cost_microusd=0,
                manifest={},
            )
            session.add(take)
        return take.id


def a_person(database: Database) -> UUID:
    """Somebody with an account; returns the id."""
    user_id = new_id()
    with database.unit_of_work() as session:
        session.add(User(id=user_id, email=f"{user_id}@example.com", display_name="Somebody", password_hash="none"))
    return user_id


def a_member(database: Database, project_id: UUID, role: str) -> UUID:
    """Somebody with that role in a project; returns the id."""
    user_id = a_person(database)
    with database.unit_of_work() as session:
        session.add(ProjectMember(project_id=project_id, user_id=user_id, role=role))
    return user_id


def outbox(database: Database, destination: str) -> list[dict[str, Any]]:
    """What waits in the outbox for a destination; rows of one transaction have no order."""
    with database.unit_of_work() as session:
        return list(session.scalars(select(OutboxRow.payload).where(OutboxRow.destination == destination)))


def clear_outbox(database: Database) -> None:
    """Forget what was told so far."""
    with database.unit_of_work() as session:
        session.execute(delete(OutboxRow))
