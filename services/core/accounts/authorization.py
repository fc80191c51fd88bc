"""Who may do what in a project: the one table, and the one function that asks it."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from services.core.accounts import repository
from services.core.kit.errors import Forbidden, NotFound


class Role(StrEnum):
    """What a person is in a project. Each role may do all that the ones before it may."""

    VIEWER = "viewer"
    EDITOR = "editor"
    OWNER = "owner"

    def includes(self, other: "Role") -> bool:
        """Whether this role may do all that `other` may."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(other)


class Action(StrEnum):
    """Something a person does in a project."""

    VIEW_PROJECT = "view_project"
    EDIT_GRAPH = "edit_graph"
    RENAME_PROJECT = "rename_project"
    UPLOAD_FILE = "upload_file"
    MANAGE_CHARACTERS = "manage_characters"
    RUN_WORK = "run_work"
    CANCEL_WORK = "cancel_work"
    EXPORT_FILM = "export_film"
    SET_SPENDING_LIMIT = "set_spending_limit"
    ACCEPT_COMMANDS = "accept_commands"
    MANAGE_MEMBERS = "manage_members"
    DELETE_PROJECT = "delete_project"


MINIMUM_ROLE: dict[Action, Role] = {
    Action.VIEW_PROJECT: Role.VIEWER,
    Action.EDIT_GRAPH: Role.EDITOR,
    Action.RENAME_PROJECT: Role.EDITOR,
    Action.UPLOAD_FILE: Role.EDITOR,
    Action.MANAGE_CHARACTERS: Role.EDITOR,
    Action.RUN_WORK: Role.EDITOR,  # spends money, within the limit that the owner set
    Action.CANCEL_WORK: Role.EDITOR,
    Action.EXPORT_FILM: Role.EDITOR,
    Action.SET_SPENDING_LIMIT: Role.OWNER,
    Action.ACCEPT_COMMANDS: Role.OWNER,  # lets whoever may publish on the topic spend money in the owner's name
    Action.MANAGE_MEMBERS: Role.OWNER,
    Action.DELETE_PROJECT: Role.OWNER,
}


@dataclass(frozen=True)
class Membership:
    """A person in a project."""

    user_id: UUID
    project_id: UUID
    role: Role

    def may(self, action: Action) -> bool:
        """Whether the role suffices for `action`."""
        return self.role.includes(MINIMUM_ROLE[action])


def authorize(session: Session, user_id: UUID, project_id: UUID, action: Action) -> Membership:
    """Return the membership by which `user_id` may do `action`.

    Raises NotFound("project_not_found") for a stranger, who may not learn that the project exists, and Forbidden("role_too_low") for
    a member whose role does not suffice, with the facts `role` and `needed_role`.
    """
    role = repository.find_role(session, user_id, project_id)
    if role is None:
        raise NotFound("project_not_found", "There is no such project, or you are not a member of it.", "Ask its owner to add you.")
    membership = Membership(user_id, project_id, Role(role))
    if not membership.may(action):
        needed = MINIMUM_ROLE[action]
        raise Forbidden(
            "role_too_low",
            f"As {role} of this project you may not {action.replace('_', ' ')}; that takes the role {needed}.",
            "Ask the owner of the project for that role.",
            role=role,
            needed_role=needed.value,
        )
    return membership
