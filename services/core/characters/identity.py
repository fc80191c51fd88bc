"""Rules that decide whether two faces are the same person, from their embeddings: distances, verdicts, best match, consistency."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

Embedding = Sequence[float]
Metric = Literal["euclid"]
Verdict = Literal["duplicate", "same", "review", "different"]


@dataclass(frozen=True)
class EmbedderSpec:
    """A face embedder as seen by those who compare its output. Embeddings of different embedders are never compared.

    The three limits are distances, each included in the verdict it names: up to `duplicate` the picture was uploaded before, up to
    `same` it shows the same person, up to `review` a person has to decide.
    """

    id: str
    dimension: int
    metric: Metric
    duplicate: float
    same: float
    review: float

    def __post_init__(self) -> None:
        if not 0 <= self.duplicate <= self.same <= self.review or self.same == 0:
            raise ValueError(f"The limits of embedder {self.id} must rise from duplicate through same to review, with same above 0.")


DLIB_RESNET_V1 = EmbedderSpec(
    id="dlib-resnet-v1",
    dimension=128,  # length of dlib's face_recognition_resnet_model_v1 output
    metric="euclid",  # dlib trains and evaluates the model on Euclidean distance; cosine compresses its range
    # Start value, for one picture uploaded again after resizing or re-encoding; two photos of one person lie further apart.
    duplicate=0.15,
    # On 21 photos of 7 people, the same person measured up to 0.545 and different people from 0.693: below 0.50 a match is safe.
    same=0.50,
    # dlib's own decision limit for this model (dlib.net/face_recognition.py): 99.38 % on LFW. Between the two a person decides.
    review=0.60,
)


@dataclass(frozen=True)
class Match:
    """The character whose nearest reference face is nearest to the face asked about."""

    character_id: UUID
    distance: float
    verdict: Verdict


def compare(a: Embedding, b: Embedding) -> float:
    """Euclidean distance of two embeddings, from 0 up.

    Raises ValueError where they differ in length, are empty or hold a value that is not finite: such a distance would mean nothing.
    """
    if len(a) != len(b) or not a:
        raise ValueError(f"Embeddings of {len(a)} and {len(b)} numbers cannot be compared; both must come from one embedder.")
    distance = math.dist(a, b)
    if not math.isfinite(distance):
        raise ValueError("An embedding holds a value that is not a finite number; compute it again.")
    return distance


def verdict(distance: float, embedder: EmbedderSpec = DLIB_RESNET_V1) -> Verdict:
    """What a distance between two faces means. Raises ValueError for a negative distance or NaN."""
    if not distance >= 0:
        raise ValueError(f"{distance} is not a distance.")
    if distance <= embedder.duplicate:
        return "duplicate"
    if distance <= embedder.same:
        return "same"
    if distance <= embedder.review:
        return "review"
    return "different"


def distances_by_character(embedding: Embedding, references: Mapping[UUID, Iterable[Embedding]]) -> dict[UUID, float]:
    """Distance to each character: that of its nearest reference face, because references show one person in different light and poses.

    Characters without a reference face are left out.
    """
    distances: dict[UUID, float] = {}
    for character_id, faces in references.items():
        nearest = min((compare(embedding, face) for face in faces), default=None)
        if nearest is not None:
            distances[character_id] = nearest
    return distances


def best_match(
    embedding: Embedding, references: Mapping[UUID, Iterable[Embedding]], embedder: EmbedderSpec = DLIB_RESNET_V1
) -> Match | None:
    """The nearest character, or None where everyone is a different person. Of equally near characters the smaller id wins."""
    distances = distances_by_character(embedding, references)
    if not distances:
        return None
    character_id = min(distances, key=lambda candidate: (distances[candidate], candidate))
    meaning = verdict(distances[character_id], embedder)
    return None if meaning == "different" else Match(character_id, distances[character_id], meaning)


def consistency(distances: Sequence[float], embedder: EmbedderSpec = DLIB_RESNET_V1) -> float:
    """How well the faces of a take keep to their character: 0 (someone else) to 1 (identical).

    `distances` holds the distance of each face that was found to the character's nearest reference. One face scores
    1 - distance / (2 x same), not below 0: a half at the limit of "same". The take scores the mean of its average and its worst face,
    so that one frame with a stranger's face shows however long the take is.
    Raises ValueError where no face was found (there is nothing to judge) or a value is no distance.
    """
    if not distances:
        raise ValueError("No face was found in the take, so there is no consistency to score.")
    if not all(distance >= 0 for distance in distances):
        raise ValueError("A consistency score needs distances: numbers from 0 up.")
    scores = [max(0.0, 1.0 - distance / (2.0 * embedder.same)) for distance in distances]
    return (math.fsum(scores) / len(scores) + min(scores)) / 2.0
