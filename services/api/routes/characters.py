"""/api/characters: the people in a project's pictures."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from services.api.answers import CharacterAnswer
from services.api.dependencies import TheContainer, UnitOfWork
from services.api.visibility import CallerId, authorize_thing
from services.core.accounts.authorization import Action, authorize
from services.core.characters.model import Character
from services.core.characters.service import list_characters
from services.core.kit.errors import NotFound

router = APIRouter(prefix="/api/characters", tags=["characters"])


class NewCharacter(BaseModel):
    """A character to make of a face that was found in a picture."""

    model_config = ConfigDict(extra="forbid")
    project_id: UUID
    face_id: UUID
    name: str = Field(min_length=1, max_length=80)


class CharacterChange(BaseModel):
    """A new name."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=80)


class NewReference(BaseModel):
    """A face that is this character too."""

    model_config = ConfigDict(extra="forbid")
    face_id: UUID


def _authorized(session: Session, user_id: UUID, character_id: UUID, action: Action) -> Character:
    character = session.get(Character, character_id)
    missing = NotFound("character_not_found", f"There is no character {character_id}.", "It may have been deleted.")
    authorize_thing(session, user_id, character.project_id if character else None, action, missing)
    assert character is not None
    return character


@router.get("")
def list_project_characters(project_id: UUID, user_id: CallerId, session: UnitOfWork) -> list[CharacterAnswer]:
    """The characters of a project, newest first."""
    authorize(session, user_id, project_id, Action.VIEW_PROJECT)
    return CharacterAnswer.of_all(list_characters(session, project_id), session)


@router.post("", status_code=201)
def create_character(new: NewCharacter, user_id: CallerId, session: UnitOfWork, container: TheContainer) -> CharacterAnswer:
    """Make a character of one face: picked out of several, or although it resembles somebody known."""
    authorize(session, user_id, new.project_id, Action.MANAGE_CHARACTERS)
    character = container.characters.create(session, project_id=new.project_id, face_id=new.face_id, name=new.name)
    return CharacterAnswer.of(character, session)


@router.get("/{character_id}")
def get_one_character(character_id: UUID, user_id: CallerId, session: UnitOfWork) -> CharacterAnswer:
    """One character."""
    return CharacterAnswer.of(_authorized(session, user_id, character_id, Action.VIEW_PROJECT), session)


@router.patch("/{character_id}")
def rename_character(
    character_id: UUID, change: CharacterChange, user_id: CallerId, session: UnitOfWork, container: TheContainer
) -> CharacterAnswer:
    """Give a character another name."""
    character = _authorized(session, user_id, character_id, Action.MANAGE_CHARACTERS)
    container.characters.rename(session, character, name=change.name, actor_id=user_id)
    return CharacterAnswer.of(character, session)


@router.post("/{character_id}/references", status_code=201)
def add_reference(
    character_id: UUID, new: NewReference, user_id: CallerId, session: UnitOfWork, container: TheContainer
) -> CharacterAnswer:
    """Say that a face is this character: its picture goes with generations from now on."""
    character = _authorized(session, user_id, character_id, Action.MANAGE_CHARACTERS)
    container.characters.assign(session, project_id=character.project_id, character_id=character_id, face_id=new.face_id)
    return CharacterAnswer.of(character, session)


@router.delete("/{character_id}", status_code=204)
def delete_character(character_id: UUID, user_id: CallerId, session: UnitOfWork, container: TheContainer) -> None:
    """Forget a person: the character, its faces and their embeddings, here and in the index."""
    character = _authorized(session, user_id, character_id, Action.MANAGE_CHARACTERS)
    container.characters.delete(session, project_id=character.project_id, character_id=character_id)
