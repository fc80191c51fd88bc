"""Pure geometry of looking for faces: where to look, which findings are one face, and how a head is turned."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
"""Points of a face mesh, n x 3, in pixels of the picture: x to the right, y down, z away from the camera in the same scale."""

# Indices in MediaPipe's mesh; "left" is the left of the picture.
_LEFT_CHEEK, _RIGHT_CHEEK, _FOREHEAD, _CHIN = 234, 454, 10, 152

SAME_FACE_OVERLAP = 0.5


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of a picture."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def area(self) -> float:
        return self.width * self.height

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2

    def holds(self, x: float, y: float) -> bool:
        """Tell whether a point lies inside."""
        return self.x <= x <= self.right and self.y <= y <= self.bottom

    def overlap(self, other: "Box") -> float:
        """Return how much of the smaller of the two is covered by the other, 0..1."""
        width = min(self.right, other.right) - max(self.x, other.x)
        height = min(self.bottom, other.bottom) - max(self.y, other.y)
        if width <= 0 or height <= 0:
            return 0.0
        return width * height / min(self.area, other.area)

    def clipped(self, width: int, height: int) -> "Box":
        """Return the part inside a picture of this size; empty where there is none."""
        x, y = min(max(self.x, 0.0), width), min(max(self.y, 0.0), height)
        return Box(x, y, max(min(self.right, width) - x, 0.0), max(min(self.bottom, height) - y, 0.0))

    def square_around(self, factor: float) -> "Box":
        """Return the square with the same centre whose side is `factor` times the longer side."""
        side = max(self.width, self.height) * factor
        x, y = self.centre
        return Box(x - side / 2, y - side / 2, side, side)


@dataclass(frozen=True)
class Sighting:
    """Something the detector takes for a face. `score` is 0..1."""

    box: Box
    score: float


def windows(width: int, height: int, side: int, overlap: int) -> Iterator[Box]:
    """Cover a picture with squares of `side`, such that whatever is smaller than `overlap` lies whole in at least one of them."""
    for top in _starts(height, side, overlap):
        for left in _starts(width, side, overlap):
            yield Box(left, top, min(side, width), min(side, height))


def _starts(length: int, side: int, overlap: int) -> list[int]:
    if length <= side:
        return [0]
    count = math.ceil((length - overlap) / (side - overlap))
    return [round(index * (length - side) / (count - 1)) for index in range(count)]


def is_cut_by(window: Box, box: Box, width: int, height: int) -> bool:
    """Tell whether a finding touches a border of its window that is not a border of the picture: it is part of something larger."""
    margin = 0.01 * window.width
    return (
        (box.x < window.x + margin and window.x > 0)
        or (box.y < window.y + margin and window.y > 0)
        or (box.right > window.right - margin and window.right < width)
        or (box.bottom > window.bottom - margin and window.bottom < height)
    )


def distinct(sightings: Iterable[Sighting]) -> list[Sighting]:
    """Keep the most certain sighting of each face, largest face first."""
    kept: list[Sighting] = []
    for sighting in sorted(sightings, key=lambda sighting: -sighting.score):
        if all(sighting.box.overlap(other.box) < SAME_FACE_OVERLAP for other in kept):
            kept.append(sighting)
    return sorted(kept, key=lambda sighting: -sighting.box.area)


def bounds(mesh: Points) -> Box:
    """Return the smallest box around a mesh."""
    left, top = mesh[:, :2].min(axis=0)
    right, bottom = mesh[:, :2].max(axis=0)
    return Box(float(left), float(top), float(right - left), float(bottom - top))


def head_pose(mesh: Points) -> tuple[float, float]:
    """Return (yaw, pitch) in degrees: 0 looks into the camera, yaw > 0 to the picture's right, pitch > 0 upwards.

    The direction of the face is perpendicular to the lines from cheek to cheek and from forehead to chin, which in MediaPipe's
    canonical face stand within one degree of a frontal plane.
    """
    across = mesh[_RIGHT_CHEEK] - mesh[_LEFT_CHEEK]
    down = mesh[_CHIN] - mesh[_FOREHEAD]
    x, y, z = np.cross(down, across)
    return math.degrees(math.atan2(x, -z)), math.degrees(math.atan2(-y, math.hypot(x, z)))
