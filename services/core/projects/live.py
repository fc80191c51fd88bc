"""What is projected to listeners, read from Postgres at the moment of delivery."""

import math
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select, update

from services.core.accounts.model import ProjectMember
from services.core.kit.clock import Clock
from services.core.kit.cloud_events import Fact
from services.core.kit.database import Database
from services.core.outbox.live import LiveNode, LiveRows, Revision
from services.core.outbox.rows import add_live_member, add_live_node, add_live_project, add_task
from services.core.projects.model import Node, Project, ProjectEvent
from services.core.projects.status import live_document

REVISION_INTERVAL = timedelta(seconds=1)  # Firestore's advice for one document, and all that a listener needs


def live_rows(database: Database, clock: Clock) -> LiveRows:
    """The readers that the Firestore dispatcher asks."""

    def node(node_id: UUID) -> LiveNode | None:
        with database.unit_of_work() as session:
            row = session.get(Node, node_id)
            if row is None:
                return None
            is_live = row.live_until is not None and row.deleted_at is None
            return LiveNode(row.project_id, row.id, row.version, live_document(row), is_live)

    def project_rev(project_id: UUID) -> Revision:
        now = clock()
        with database.unit_of_work() as session:
            due = or_(Project.live_rev_written_at.is_(None), Project.live_rev_written_at <= now - REVISION_INTERVAL)
            rev: int | None = session.scalar(
                update(Project).where(Project.id == project_id, due).values(live_rev_written_at=now).returning(Project.rev)
            )
            if rev is not None:
                return rev
            if session.get(Project, project_id) is None:
                return "gone"
            at = _next_second(now)
            name = f"revision-{project_id}-{int(at.timestamp())}"
            add_task(session, "/tasks/project-revision", {"project_id": str(project_id)}, at=at, name=name)
        return "later"

    def role(project_id: UUID, user_id: UUID) -> str | None:
        with database.unit_of_work() as session:
            return session.scalar(
                select(ProjectMember.role).where(ProjectMember.project_id == project_id, ProjectMember.user_id == user_id)
            )

    return LiveRows(node=node, project_rev=project_rev, role=role)


def _next_second(now: datetime) -> datetime:
    """The second after the next full one: then a second has passed since the last write, and all who ask meanwhile agree on it."""
    return datetime.fromtimestamp(math.floor(now.timestamp()) + 2, tz=now.tzinfo)


def find_fact(database: Database, project_id: UUID, rev: int) -> Fact | None:
    """An entry of a project's log as a fact for the outside."""
    with database.unit_of_work() as session:
        row = session.get(ProjectEvent, (project_id, rev))
        return Fact(row.project_id, row.rev, row.type, row.at, row.payload) if row else None


def reproject(database: Database) -> int:
    """Have every live document written anew: members, revisions, and nodes that move; returns how many."""
    with database.unit_of_work() as session:
        members = session.execute(select(ProjectMember.project_id, ProjectMember.user_id)).all()
        projects = session.scalars(select(Project.id)).all()
        nodes = session.scalars(select(Node.id).where(Node.live_until.is_not(None))).all()
        for project_id, user_id in members:
            add_live_member(session, project_id=project_id, user_id=user_id)
        for project_id in projects:
            add_live_project(session, project_id)
        for node_id in nodes:
            add_live_node(session, node_id)
    return len(members) + len(projects) + len(nodes)
