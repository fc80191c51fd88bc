"""/api/projects: projects, their members, their files as workflows, and the log that followers catch up from."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, EmailStr, Field

from services.api.answers import ConnectionAnswer, MoneyAnswer, NodeAnswer, ProjectAnswer
from services.api.dependencies import CurrentUser, TheContainer, UnitOfWork, member
from services.core.accounts import members, tickets
from services.core.accounts.authorization import Action, Membership, Role, authorize
from services.core.budgets.ledger import project_balance
from services.core.kit.errors import TooManyRequests
from services.core.projects import events, service
from services.core.projects.operations import Operation, UpdateProject, apply
from services.core.projects.repository import get_project, list_connections, list_nodes, list_projects
from services.core.projects.workflow import Workflow, parse_workflow

router = APIRouter(prefix="/api/projects", tags=["projects"])

PROJECTS_OF_ONE_PERSON = 1000

Viewer = Annotated[Membership, member(Action.VIEW_PROJECT)]
GraphEditor = Annotated[Membership, member(Action.EDIT_GRAPH)]
LimitSetter = Annotated[Membership, member(Action.SET_SPENDING_LIMIT)]
MemberManager = Annotated[Membership, member(Action.MANAGE_MEMBERS)]
ProjectDeleter = Annotated[Membership, member(Action.DELETE_PROJECT)]


class NewProject(BaseModel):
    """A project to create, empty or from a workflow."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=200)
    workflow: dict[str, Any] | None = Field(default=None, description="An exported workflow to start from.")


class OpenProject(ProjectAnswer):
    """Everything a canvas needs to show a project; what happens after `rev` comes by the log."""

    nodes: list[NodeAnswer]
    connections: list[ConnectionAnswer]
    money: MoneyAnswer


class ProjectChange(BaseModel):
    """What to change of a project itself; what is left out stays."""

    model_config = ConfigDict(extra="forbid")
    name: str | None = Field(default=None, min_length=1, max_length=200)
    accepts_commands: bool | None = Field(
        default=None, description="Whether messages on the commands topic may start runs, in the owner's name. Only the owner may say so."
    )


class SpendingLimit(BaseModel):
    """The most a project may spend, in millionths of a US dollar."""

    model_config = ConfigDict(extra="forbid")
    spending_limit_microusd: int = Field(ge=0, le=10**13)


class OperationAnswer(BaseModel):
    """The number of the event an operation became."""

    rev: int


class EventAnswer(BaseModel):
    """One entry of a project's log."""

    rev: int
    type: str
    payload: dict[str, Any]
    actor_id: UUID | None
    operation_id: UUID | None
    at: datetime


class EventsAnswer(BaseModel):
    """Entries after a cursor; `next_cursor` is where to go on."""

    events: list[EventAnswer]
    next_cursor: int


class MemberAnswer(BaseModel):
    """Somebody who may see or change a project."""

    user_id: UUID
    email: str
    display_name: str
    role: Role


class NewMember(BaseModel):
    """Whom to add, by the e-mail address of their account."""

    model_config = ConfigDict(extra="forbid")
    email: EmailStr
    role: Literal["editor", "viewer"]


class NewRole(BaseModel):
    """What a member shall be from now on."""

    model_config = ConfigDict(extra="forbid")
    role: Literal["editor", "viewer"]


class TicketAnswer(BaseModel):
    """Opens one WebSocket, once, within 30 seconds: `/ws/projects/{id}?ticket=...`."""

    ticket: str
    expires_at: datetime


@router.post("", status_code=201)
def create_project(new: NewProject, user: CurrentUser, session: UnitOfWork, container: TheContainer) -> ProjectAnswer:
    """Create a project of one's own."""
    if len(list_projects(session, user.id)) >= PROJECTS_OF_ONE_PERSON:
        raise TooManyRequests("too_many_projects", f"You have {PROJECTS_OF_ONE_PERSON} projects.", "Delete some you no longer need.")
    now = container.clock()
    project = service.create_project(session, owner_id=user.id, name=new.name, now=now)
    if new.workflow is not None:
        service.import_workflow(session, project, parse_workflow(new.workflow), actor_id=user.id, now=now)
        session.refresh(project)
    return ProjectAnswer.of(project, Role.OWNER, session, container.store)


@router.get("")
def list_my_projects(user: CurrentUser, session: UnitOfWork, container: TheContainer) -> list[ProjectAnswer]:
    """The projects one is a member of, last changed first."""
    return ProjectAnswer.of_all(list_projects(session, user.id), session, container.store)


@router.get("/{project_id}")
def open_project(membership: Viewer, session: UnitOfWork, container: TheContainer) -> OpenProject:
    """A project with its whole graph."""
    project = get_project(session, membership.project_id)
    return OpenProject(
        **ProjectAnswer.of(project, membership.role, session, container.store).model_dump(),
        nodes=[NodeAnswer.of(node) for node in list_nodes(session, project.id)],
        connections=[ConnectionAnswer.of(wire) for wire in list_connections(session, project.id)],
        money=MoneyAnswer.of(project, project_balance(session, project.id)),
    )


@router.patch("/{project_id}")
def change_project(
    change: ProjectChange, membership: Annotated[Membership, member(Action.RENAME_PROJECT)], session: UnitOfWork, container: TheContainer
) -> ProjectAnswer:
    """Rename a project, or let other systems start its runs."""
    now, actor_id = container.clock(), membership.user_id
    if change.accepts_commands is not None:
        authorize(session, actor_id, membership.project_id, Action.ACCEPT_COMMANDS)
    if change.name is not None:
        apply(session, membership.project_id, UpdateProject(name=change.name), actor_id=actor_id, now=now)
    project = get_project(session, membership.project_id, lock=True)
    if change.accepts_commands is not None:
        service.accept_commands(session, project, change.accepts_commands, actor_id=actor_id, now=now)
    session.refresh(project)
    return ProjectAnswer.of(project, membership.role, session, container.store)


@router.get("/{project_id}/money")
def get_money(membership: Viewer, session: UnitOfWork) -> MoneyAnswer:
    """What a project may spend, and what became of it so far."""
    return MoneyAnswer.of(get_project(session, membership.project_id), project_balance(session, membership.project_id))


@router.put("/{project_id}/spending-limit")
def set_spending_limit(limit: SpendingLimit, membership: LimitSetter, session: UnitOfWork, container: TheContainer) -> MoneyAnswer:
    """Say how much a project may spend in all."""
    project = get_project(session, membership.project_id, lock=True)
    amount = limit.spending_limit_microusd
    service.set_spending_limit(session, project, amount, actor_id=membership.user_id, now=container.clock())
    return MoneyAnswer.of(project, project_balance(session, project.id))


@router.delete("/{project_id}", status_code=204)
def delete_project(membership: ProjectDeleter, session: UnitOfWork) -> None:
    """Delete a project with all its files and characters; refused while paid work is under way."""
    service.delete_project(session, membership.project_id)


@router.post("/{project_id}/operations")
def apply_operations(
    operations: Annotated[list[Operation], Field(min_length=1, max_length=1000)],
    membership: GraphEditor,
    session: UnitOfWork,
    container: TheContainer,
) -> list[OperationAnswer]:
    """Apply edits in order, all or none. An edit that was applied before, by its operation_id, changes nothing."""
    now = container.clock()
    return [
        OperationAnswer(rev=apply(session, membership.project_id, operation, actor_id=membership.user_id, now=now))
        for operation in operations
    ]


@router.get("/{project_id}/events")
def list_events(
    membership: Viewer, session: UnitOfWork, after: Annotated[int, Query(ge=0)] = 0, limit: Annotated[int, Query(ge=1, le=1000)] = 500
) -> EventsAnswer:
    """What happened after a cursor: how a client that was away catches up."""
    found = events.list_after(session, membership.project_id, after, limit)
    entries = [EventAnswer.model_validate(event.document()) for event in found]
    return EventsAnswer(events=entries, next_cursor=found[-1].rev if found else after)


@router.get("/{project_id}/export")
def export_project(membership: Viewer, session: UnitOfWork) -> Workflow:
    """The graph as a file, without pictures and results."""
    return service.export_workflow(session, get_project(session, membership.project_id))


@router.post("/{project_id}/import", status_code=201)
def import_into_project(workflow: dict[str, Any], membership: GraphEditor, session: UnitOfWork, container: TheContainer) -> dict[str, UUID]:
    """Add an exported workflow to a project; answers the new node id of each key of the file."""
    project = get_project(session, membership.project_id)
    parsed = parse_workflow(workflow)
    return service.import_workflow(session, project, parsed, actor_id=membership.user_id, now=container.clock())


@router.get("/{project_id}/members")
def list_members(membership: Viewer, session: UnitOfWork) -> list[MemberAnswer]:
    """Who may see and change a project."""
    return [
        MemberAnswer(user_id=user.id, email=user.email, display_name=user.display_name, role=Role(role))
        for user, role in members.list_members(session, membership.project_id)
    ]


@router.post("/{project_id}/members", status_code=201)
def add_member(new: NewMember, membership: MemberManager, session: UnitOfWork) -> MemberAnswer:
    """Let somebody with an account in."""
    user = members.add_member(session, membership.project_id, email=new.email, role=Role(new.role))
    return MemberAnswer(user_id=user.id, email=user.email, display_name=user.display_name, role=Role(new.role))


@router.patch("/{project_id}/members/{user_id}")
def change_member(user_id: UUID, change: NewRole, membership: MemberManager, session: UnitOfWork) -> MemberAnswer:
    """Change what a member may do; the owner stays the owner."""
    user = members.change_role(session, membership.project_id, user_id=user_id, role=Role(change.role))
    return MemberAnswer(user_id=user.id, email=user.email, display_name=user.display_name, role=Role(change.role))


@router.delete("/{project_id}/members/{user_id}", status_code=204)
def remove_member(user_id: UUID, membership: MemberManager, session: UnitOfWork) -> None:
    """Shut somebody out; they can edit no more at once, their sockets end within half a minute, their listeners within ten."""
    members.remove_member(session, membership.project_id, user_id=user_id)


@router.post("/{project_id}/socket-ticket", status_code=201)
def issue_socket_ticket(membership: Viewer, session: UnitOfWork, container: TheContainer) -> TicketAnswer:
    """A one-use pass for the project's WebSocket."""
    ticket = tickets.issue(session, membership.user_id, membership.project_id, container.clock())
    return TicketAnswer(ticket=ticket.value, expires_at=ticket.expires_at)
