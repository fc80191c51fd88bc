"""Faces of people who do not exist, and pictures of them as the face function reports them."""

import random
from typing import Any
from uuid import UUID

from services.core.assets.model import Asset
from services.core.characters.analysis import FaceAnalyzed
from services.core.characters.identity import DLIB_RESNET_V1, Embedding
from services.core.characters.index import FaceIndex
from services.core.characters.model import Character, Face
from services.core.characters.service import Characters, list_characters, list_faces
from services.core.kit.database import Database
from tests.services.core.projects.canvas import START, Canvas

EMBEDDER = DLIB_RESNET_V1.id


def embedding_of(person: int, *, photo: float = 0.0) -> Embedding:
    """A person's face; photos with other numbers are that much away from the first."""
    chance = random.Random(person)
    first, *rest = (chance.gauss(0.0, 0.09) for _ in range(DLIB_RESNET_V1.dimension))
    return [first + photo, *rest]


def a_face(person: int = 1, *, photo: float = 0.0, problems: tuple[str, ...] = (), **changes: Any) -> dict[str, Any]:
    """A face in a picture."""
    quality = {"score": 0.3 if problems else 0.9, "width_px": 60 if problems else 300, "problems": list(problems), "warnings": []}
    return {
        "bbox": {"x": 0.4, "y": 0.1, "width": 0.2, "height": 0.3},
        "detection_score": 0.95,
        "quality": quality,
        "landmarks": None,
        "embedding": embedding_of(person, photo=photo),
        "embedder_id": EMBEDDER,
        **changes,
    }


class Photos:
    """Uploads into a project, and the messages that tell of their inspection."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas

    def upload(self, *, consent: bool = True, file_name: str = "ada.jpg") -> tuple[UUID, UUID]:
        """A picture that waits for inspection on a node of its own; returns the ids of file and node."""
        asset_id = self.canvas.picture("pending", consent_at=START if consent else None, file_name=file_name)
        return asset_id, self.canvas.node("image", asset_id=str(asset_id))

    def analyzed(self, asset_id: UUID, *faces: dict[str, Any]) -> FaceAnalyzed:
        """The picture is fine, with these faces."""
        folder = f"{self.canvas.project_id}/{asset_id}/7"
        outcome = {
            "kind": "analyzed",
            "width": 1000,
            "height": 800,
            "sha256": asset_id.hex * 2,
            "size_bytes": 1234,
            "content_type": "image/jpeg",
            "image": {"bucket": "media", "name": f"{folder}/image.jpg"},
            "thumbnail": {"bucket": "media", "name": f"{folder}/thumbnail.webp"},
            "faces": list(faces),
        }
        return self._message(asset_id, outcome)

    def rejected(self, asset_id: UUID) -> FaceAnalyzed:
        """The picture can never be used."""
        return self._message(asset_id, {"kind": "rejected", "code": "not_an_image", "message": "It is a text."})

    def _message(self, asset_id: UUID, outcome: dict[str, Any]) -> FaceAnalyzed:
        name = f"{self.canvas.project_id}/{asset_id}/original"
        return FaceAnalyzed.model_validate(
            {
                "bucket": "uploads",
                "name": name,
                "generation": "7",
                "project_id": str(self.canvas.project_id),
                "asset_id": str(asset_id),
                "outcome": outcome,
            }
        )


def faces_of(database: Database, asset_id: UUID) -> list[Face]:
    """The faces that are kept of a picture, the largest first."""
    with database.unit_of_work() as session:
        return list_faces(session, asset_id=asset_id)


def record(characters: Characters, photos: Photos, *faces: dict[str, Any], **upload: Any) -> tuple[UUID, UUID]:
    """Upload a picture with these faces and have it inspected; returns the ids of file and node."""
    asset_id, node_id = photos.upload(**upload)
    assert characters.record_analysis(photos.analyzed(asset_id, *faces)) is True
    return asset_id, node_id


def asset_of(database: Database, asset_id: UUID) -> Asset:
    with database.unit_of_work() as session:
        return session.get_one(Asset, asset_id)


def people_in(canvas: Canvas) -> list[Character]:
    with canvas.database.unit_of_work() as session:
        return list_characters(session, canvas.project_id)


def indexed(index: FaceIndex, canvas: Canvas, person: int = 1) -> list[UUID]:
    """Faces of the project in the index, nearest to the person first."""
    return [neighbour.face_id for neighbour in index.nearest(canvas.project_id, embedding_of(person), limit=100)]
