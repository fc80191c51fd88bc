"""What the face function posts about an upload: the worker's side of functions/image_uploaded/payload.py."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.core.kit.errors import Invalid

ADVICE = {
    "not_an_image": "Upload a photo: JPEG, PNG, WebP or HEIC.",
    "image_too_large": "Save the picture smaller and upload it again.",
    "image_unreadable": "Open the picture, save it anew as JPEG and upload that.",
    "face_not_found": "Use a photo in which one face is seen from the front; as a plain picture this one works as it is.",
    "several_faces": "Pick the face that is meant, or crop the photo to one person.",
    "face_too_small": "Use a photo taken from nearer, or crop it: the face needs about 120 pixels across.",
    "face_turned_away": "Use a photo in which the person looks towards the camera.",
    "face_blurred": "Use a sharper photo.",
    "face_dark": "Use a photo with more light on the face.",
    "face_bright": "Use a photo in which the face is not overexposed.",
    "face_unclear": "Use a photo in which eyes, nose and mouth are all seen.",
    "consent_missing": "Upload it again and confirm that the person in the photo agrees to face analysis.",
}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class ObjectReference(_Part):
    """An object in a bucket."""

    bucket: str
    name: str


class FoundFace(_Part):
    """A face as the function found it; positions are fractions of the picture."""

    bbox: dict[str, float]
    detection_score: float
    quality: dict[str, Any]
    embedding: list[float] | None
    embedder_id: str

    @property
    def problems(self) -> list[str]:
        """Why this face cannot become a character; empty where it can."""
        return list(self.quality.get("problems", []))


class Analyzed(_Part):
    """The picture is fine; these faces are in it, the largest first."""

    kind: Literal["analyzed"]
    width: int
    height: int
    sha256: str
    size_bytes: int
    content_type: str
    image: ObjectReference
    thumbnail: ObjectReference
    faces: list[FoundFace]


class Rejected(_Part):
    """The upload can never be used."""

    kind: Literal["rejected"]
    code: str
    message: str


class FaceAnalyzed(_Part):
    """The whole message."""

    bucket: str
    name: str
    generation: str
    project_id: UUID
    asset_id: UUID
    outcome: Annotated[Analyzed | Rejected, Field(discriminator="kind")]


def face_problem(faces: list[FoundFace]) -> Invalid | None:
    """Why no character can be made of a picture without asking; None where exactly one good face is in it."""
    good = [face for face in faces if not face.problems]
    if len(good) == 1:
        return None
    if len(good) > 1:
        return _problem("several_faces", f"{len(good)} faces are in this picture.")
    if not faces:
        return _problem("face_not_found", "No face was found in this picture.")
    first = faces[0].problems[0]
    sentences = {
        "face_too_small": f"The face is only {faces[0].quality.get('width_px')} pixels wide.",
        "face_turned_away": "The face is turned too far from the camera.",
        "face_blurred": "The face is out of focus.",
        "face_dark": "The face is too dark.",
        "face_bright": "The face is overexposed.",
    }
    return _problem(first, sentences.get(first, "The face cannot be seen well enough."))


def _problem(code: str, message: str) -> Invalid:
    return Invalid(code, message, ADVICE.get(code, ADVICE["face_unclear"]))
