"""Turn a face into the vector by which a person is recognised. Another embedder is one more entry in EMBEDDERS."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np

from geometry import Points, bounds
from picture import Pixels

# MediaPipe's points at the five places by which faces are aligned, in the order of dlib's 5-point model: outer and inner corner of the
# person's left eye, outer and inner corner of the right eye, base of the nose.
ALIGNMENT_POINTS = (263, 362, 33, 133, 2)


class ModelFileError(Exception):
    """A model file is missing or is not the one whose embeddings are stored."""


@dataclass(frozen=True)
class EmbedderSpecification:
    """What a reader of embeddings must know. Embeddings of different ids are never compared; each id has its own index.

    Distances up to `same_up_to` are the same person, above `different_above` another one, between them a person decides; up to
    `duplicate_up_to` it is the same picture uploaded again.
    """

    id: str
    dimension: int
    metric: Literal["euclid", "cosine"]
    duplicate_up_to: float
    same_up_to: float
    different_above: float
    input_side_px: int
    padding: float
    alignment: tuple[int, ...]
    model_sha256: str


@dataclass(frozen=True)
class Embedder:
    """A loaded model. `embed` takes the picture and the 478 points of one face; it is not safe to share between threads."""

    specification: EmbedderSpecification
    embed: Callable[[Pixels, Points], tuple[float, ...]]


# Thresholds measured on 21 photos of 7 people: same at most 0.545, different at least 0.693.
DLIB_RESNET = EmbedderSpecification(
    id="dlib-resnet-v1",
    dimension=128,
    metric="euclid",
    duplicate_up_to=0.15,
    same_up_to=0.50,
    different_above=0.60,
    input_side_px=150,
    padding=0.25,
    alignment=ALIGNMENT_POINTS,
    model_sha256="55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
)


def load_dlib_resnet() -> Embedder:
    """Load dlib's ResNet (CC0) from face-recognition-models. That package's 68-point predictor is not free: it is never opened."""
    import dlib  # noqa: PLC0415 - native code that only the first picture needs

    network: Any = dlib.face_recognition_model_v1(str(verified_model_file(_dlib_model_file(), DLIB_RESNET.model_sha256)))

    def embed(pixels: Pixels, mesh: Points) -> tuple[float, ...]:
        corners = [dlib.point(round(mesh[index, 0]), round(mesh[index, 1])) for index in DLIB_RESNET.alignment]
        box = bounds(mesh)
        rectangle = dlib.rectangle(int(box.x), int(box.y), int(box.right), int(box.bottom))
        shape = dlib.full_object_detection(rectangle, dlib.points(corners))
        chip = dlib.get_face_chip(np.ascontiguousarray(pixels), shape, DLIB_RESNET.input_side_px, DLIB_RESNET.padding)
        return tuple(round(float(value), 6) for value in network.compute_face_descriptor(chip))

    return Embedder(DLIB_RESNET, embed)


EMBEDDERS: dict[str, Callable[[], Embedder]] = {DLIB_RESNET.id: load_dlib_resnet}


def _dlib_model_file() -> Path:
    # The package's own helper imports pkg_resources, which setuptools no longer has: find the file without importing the package.
    package = find_spec("face_recognition_models")
    if package is None or package.origin is None:
        raise ModelFileError("The package face-recognition-models is not installed: run `uv sync` in functions/image_uploaded.")
    return Path(package.origin).parent / "models" / "dlib_face_recognition_resnet_model_v1.dat"


def verified_model_file(path: Path, sha256: str) -> Path:
    """Return the path where the file is the expected one; raise ModelFileError where it is missing or another."""
    if not path.is_file():
        raise ModelFileError(f"The model file {path.name} is missing.")
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise ModelFileError(f"The model file {path.name} has SHA-256 {found}, not {sha256}: its embeddings would not compare.")
    return path
