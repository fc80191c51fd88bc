"""Membership in projects: who is in, as what, and what has to hear of it when that changes."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.core.accounts.authorization import Role
from services.core.accounts.model import ProjectMember, User
from services.core.kit.errors import Conflict, Invalid, NotFound
from services.core.outbox.rows import add_live_member


def list_members(session: Session, project_id: UUID) -> list[tuple[User, str]]:
    """The members of a project with their roles, the longest there first."""
    rows = session.execute(
        select(User, ProjectMember.role)
        .join(ProjectMember, ProjectMember.user_id == User.id)
        .where(ProjectMember.project_id == project_id)
        .order_by(ProjectMember.created_at, User.email)
    )
    return [(user, role) for user, role in rows]


def add_member(session: Session, project_id: UUID, *, email: str, role: Role) -> User:
    """Add the person with this address; they need an account already."""
    user = session.scalar(select(User).where(User.email == email.lower()))
    if user is None:
        raise Invalid("account_not_found", "Nobody has an account with this e-mail address.", "Ask them to register first.", field="email")
    row = insert(ProjectMember).values(project_id=project_id, user_id=user.id, role=role.value)
    if session.scalar(row.on_conflict_do_nothing().returning(ProjectMember.user_id)) is None:
        raise Conflict("member_already", "This person is a member already.", "Change their role instead.")
    add_live_member(session, project_id=project_id, user_id=user.id)
    return user


def change_role(session: Session, project_id: UUID, *, user_id: UUID, role: Role) -> User:
    """Make a member an editor or a viewer."""
    member = _get(session, project_id, user_id)
    member.role = role.value
    session.flush()
    add_live_member(session, project_id=project_id, user_id=user_id)
    return session.get_one(User, user_id)


def remove_member(session: Session, project_id: UUID, *, user_id: UUID) -> None:
    """Take a person out of a project."""
    session.delete(_get(session, project_id, user_id))
    session.flush()
    add_live_member(session, project_id=project_id, user_id=user_id)


def _get(session: Session, project_id: UUID, user_id: UUID) -> ProjectMember:
    member = session.get(ProjectMember, (project_id, user_id), with_for_update=True, populate_existing=True)
    if member is None:
        raise NotFound("member_not_found", "This person is no member of the project.", "List the members to see who is.")
    if member.role == Role.OWNER:
        raise Conflict("owner_stays", "The owner of a project cannot be changed or removed.", "Delete the project instead.")
    return member
