"""What an image node shows of its picture: how far its inspection came, the faces in it, whose they are, and what is in the way.

Worked out from the rows whenever a node comes to show a picture or something about it is decided, so that a node which shows a known
one (undo, paste, a second node) shows all of it. The tables belong to capabilities above this one, so only the columns that are
asked about are named here.
"""

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, Float, Integer, Text, Uuid, column, select, table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from services.core.kit.errors import Invalid
from services.core.projects.status import NodeState, picture_state

_ASSETS = table(
    "assets", column("id", Uuid), column("project_id", Uuid), column("kind", Text), column("state", Text), column("problem", JSONB)
)
_CHARACTERS = table("characters", column("id", Uuid), column("name", Text))
_FACES = table(
    "faces",
    column("id", Uuid),
    column("asset_id", Uuid),
    column("ordinal", Integer),
    column("bbox", JSONB),
    column("quality", JSONB),
    column("character_id", Uuid),
    column("match_character_id", Uuid),
    column("match_distance", Float),
    column("match_verdict", Text),
)


class FaceBox(BaseModel):
    """Where a face is: left, top, width and height as fractions of the picture, 0 to 1."""

    x: float
    y: float
    width: float
    height: float


class FaceQuality(BaseModel):
    """How well a face can be recognised. More was measured than is named here; functions/image_uploaded/quality.py lists it."""

    model_config = ConfigDict(extra="allow")
    score: float = Field(default=0, description="0 to 1: at least 0.5 where there is no problem, 1 where nothing could be better.")
    width_px: float = Field(default=0, description="Of the face in the picture as it was uploaded.")
    problems: list[str] = Field(default=[], description="What keeps it from becoming a character: face_too_small, face_blurred, ...")
    warnings: list[str] = Field(default=[], description="What makes it a poor reference all the same: face_small, face_at_edge.")


class FaceMatch(BaseModel):
    """An offer: the face seems to be this character. A person decides."""

    character_id: UUID
    character_name: str
    distance: float = Field(description="From 0, the same picture; up to 0.5 the same person, up to 0.6 for a person to judge.")
    verdict: Literal["duplicate", "same", "review"]


class ShownFace(BaseModel):
    """A face in a picture, without its embedding."""

    id: UUID
    bbox: FaceBox
    quality: FaceQuality
    character_id: UUID | None = Field(description="Whose it is; null until that was decided.")
    character_name: str | None
    match: FaceMatch | None = Field(default=None, description="Whose it may be; absent or null where it is decided or nobody resembles it.")

    def document(self) -> dict[str, Any]:
        """As JSON, without what does not apply."""
        return self.model_dump(mode="json", exclude_unset=True)


class PictureProblem(BaseModel):
    """What keeps the face in a picture from becoming a character."""

    code: str
    message: str
    advice: str


class PictureStatus(BaseModel):
    """`status` of an image node that shows a picture, beside its `state`: running, succeeded or failed. What does not apply is absent."""

    asset_id: UUID
    stage: Literal["inspecting"] = Field(default="inspecting", description="While the state is running.")
    faces: list[ShownFace] = Field(default=[], description="The one that counts first, then the others from large to small.")
    character_id: UUID | None = Field(default=None, description="Whose face counts in this picture.")
    character_name: str | None = None
    problem: PictureProblem | None = Field(
        default=None, description="The picture is usable, but makes no character; the state is succeeded."
    )
    cause: str | None = Field(default=None, description="With code, message and advice: why it was rejected; the state is failed.")
    code: str | None = None
    message: str | None = None
    advice: str | None = None


def picture_status(session: Session, project_id: UUID, asset_id: UUID) -> tuple[NodeState, dict[str, Any]]:
    """State and status of a node that shows this picture; Invalid where the project has no such picture."""
    row = session.execute(
        select(_ASSETS.c.state, _ASSETS.c.problem).where(
            _ASSETS.c.id == asset_id, _ASSETS.c.project_id == project_id, _ASSETS.c.kind == "image"
        )
    ).one_or_none()
    if row is None:
        raise Invalid(
            "picture_not_found", f"There is no picture {asset_id} in this project.", "Upload it into this project.", field="asset_id"
        )
    state = picture_state(row.state)
    known: dict[str, Any] = {"asset_id": asset_id}
    if state == "running":
        known["stage"] = "inspecting"
    elif state == "failed" and row.problem:
        known |= {"cause": row.problem["code"], **row.problem}
    elif state == "succeeded":
        known |= _found(session, asset_id) | ({"problem": row.problem} if row.problem else {})
    return state, PictureStatus.model_validate(known).model_dump(mode="json", exclude_unset=True)


def _found(session: Session, asset_id: UUID) -> dict[str, Any]:
    faces = shown_faces(session, asset_id=asset_id)
    if not faces:
        return {}
    faces.sort(key=lambda face: (face.character_id is None, face.match is None, bool(face.quality.problems)))
    found: dict[str, Any] = {"faces": faces}
    if faces[0].character_id is not None:
        found |= {"character_id": faces[0].character_id, "character_name": faces[0].character_name}
    return found


def shown_faces(session: Session, *, asset_id: UUID | None = None, face_ids: Sequence[UUID] = ()) -> list[ShownFace]:
    """The faces of a picture, or these faces, from large to small."""
    wanted: ColumnElement[bool] = _FACES.c.asset_id == asset_id if asset_id is not None else _FACES.c.id.in_(face_ids)
    offered = _CHARACTERS.alias("offered")
    rows = session.execute(
        select(_FACES, _CHARACTERS.c.name.label("character_name"), offered.c.name.label("match_name"))
        .outerjoin(_CHARACTERS, _CHARACTERS.c.id == _FACES.c.character_id)
        .outerjoin(offered, offered.c.id == _FACES.c.match_character_id)
        .where(wanted)
        .order_by(_FACES.c.ordinal, _FACES.c.id)
    )
    return [_shown(row) for row in rows]


def _shown(row: Any) -> ShownFace:
    face: dict[str, Any] = {
        "id": row.id,
        "bbox": row.bbox,
        "quality": row.quality,
        "character_id": row.character_id,
        "character_name": row.character_name,
    }
    if row.match_character_id is not None and row.character_id is None:
        face["match"] = {
            "character_id": row.match_character_id,
            "character_name": row.match_name,
            "distance": round(row.match_distance or 0.0, 3),
            "verdict": row.match_verdict,
        }
    return ShownFace.model_validate(face)
