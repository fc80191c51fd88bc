"""What image_uploaded tells the worker about one upload: the body of `POST {WORKER_URL}/tasks/face-analyzed`.

The worker runs in another environment and parses the same shape; a change here is a change there. The JSON is:

    {
      "bucket": "...-uploads", "name": "{project_id}/{asset_id}/original", "generation": "1732312345678901",
      "project_id": "...", "asset_id": "...",
      "outcome":
        {
          "kind": "analyzed",
          "width": 3072, "height": 4096,              pixels of the normalised picture
          "sha256": "...", "size_bytes": 1234567,     of the normalised picture as it is stored
          "content_type": "image/jpeg",
          "image": {"bucket": "...-media", "name": "{project_id}/{asset_id}/{generation}/image.jpg"},
          "thumbnail": {"bucket": "...-media", "name": "{project_id}/{asset_id}/{generation}/thumbnail.webp"},
          "faces": [                                  largest first, at most 20; empty where nobody is seen
            {
              "bbox": {"x": 0.39, "y": 0.12, "width": 0.2, "height": 0.2},
              "detection_score": 0.91,
              "quality": {
                "score": 0.83,                        0..1; at least 0.5 if and only if there are no problems
                "width_px": 104, "yaw_degrees": -4.1, "pitch_degrees": 2.3, "sharpness": 310.5, "luma": 142.0,
                "problems": [], "warnings": ["face_small"]
              },
              "landmarks": [[0.45, 0.2, -0.01], ...], the five alignment points, or null
              "embedding": [0.012345, ...],           or null
              "embedder_id": "dlib-resnet-v1"
            }
          ]
        }
      | {"kind": "rejected", "code": "not_an_image", "message": "..."}
    }

`generation` is text, as in the storage event: it is a 64-bit integer. Positions are fractions of the normalised picture's width and
height, from its upper left corner, between 0 and 1 for `bbox`. `landmarks` are, in this order: outer and inner corner of the person's left
eye, outer and inner corner of the right eye, the base of the nose; the third coordinate is depth in picture widths, smaller is
nearer. `yaw_degrees` is positive where the face turns to the picture's right, `pitch_degrees` where it looks up.

`landmarks`, `embedding`, `yaw_degrees` and `pitch_degrees` are null for a face in which no features could be placed (problem
`face_unclear`). Any other face carries its embedding, whatever its problems: the reader decides who is good enough.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal

FaceProblem = Literal["face_too_small", "face_turned_away", "face_blurred", "face_dark", "face_bright", "face_unclear"]
FaceWarning = Literal["face_small", "face_at_edge"]
RejectionCode = Literal["not_an_image", "image_too_large", "image_unreadable"]


@dataclass(frozen=True)
class ObjectReference:
    """An object in a bucket."""

    bucket: str
    name: str


@dataclass(frozen=True)
class BoundingBox:
    """A rectangle in fractions of the picture, 0..1."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class FaceQuality:
    """How well a face can be recognised. `luma` is 0..255; `sharpness` is the variance of the Laplacian (see quality.py)."""

    score: float
    width_px: int
    yaw_degrees: float | None
    pitch_degrees: float | None
    sharpness: float
    luma: float
    problems: tuple[FaceProblem, ...]
    warnings: tuple[FaceWarning, ...]


@dataclass(frozen=True)
class Face:
    """One face in the normalised picture."""

    bbox: BoundingBox
    detection_score: float
    quality: FaceQuality
    landmarks: tuple[tuple[float, float, float], ...] | None
    embedding: tuple[float, ...] | None
    embedder_id: str


@dataclass(frozen=True)
class Analyzed:
    """The picture was normalised and stored, and these faces are in it."""

    width: int
    height: int
    sha256: str
    size_bytes: int
    content_type: str
    image: ObjectReference
    thumbnail: ObjectReference
    faces: tuple[Face, ...]
    kind: Literal["analyzed"] = "analyzed"


@dataclass(frozen=True)
class Rejected:
    """The upload can never be used; `message` tells a person what happened and what to do."""

    code: RejectionCode
    message: str
    kind: Literal["rejected"] = "rejected"


@dataclass(frozen=True)
class FaceAnalyzed:
    """The whole message: which upload, and what came of it."""

    bucket: str
    name: str
    generation: str
    project_id: str
    asset_id: str
    outcome: Analyzed | Rejected

    def to_json(self) -> dict[str, Any]:
        """Return the message as plain JSON values."""
        return asdict(self)
