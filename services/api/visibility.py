"""Things that are addressed by their own id: who may see them, without telling strangers that they exist."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends
from sqlalchemy.orm import Session

from services.api.dependencies import current_user_id
from services.core.accounts.authorization import Action, Membership, authorize
from services.core.kit.errors import NotFound

CallerId = Annotated[UUID, Depends(current_user_id)]


def authorize_thing(session: Session, user_id: UUID, project_id: UUID | None, action: Action, missing: NotFound) -> Membership:
    """The membership by which the caller may do `action` to a thing of `project_id`.

    Raises `missing` alike where the thing does not exist (`project_id` None) and where the caller is a stranger to its project.
    """
    if project_id is None:
        raise missing
    try:
        return authorize(session, user_id, project_id, action)
    except NotFound:
        raise missing from None
