"""Decide how well a face can be recognised, and say what is wrong with it where it cannot."""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from geometry import Box
from payload import FaceProblem, FaceQuality, FaceWarning
from picture import Pixels

SHARPNESS_WIDTH_PX = 150
WARN_UNDER_WIDTH_PX = 120


@dataclass(frozen=True)
class Gate:
    """A measured value must reach `limit` to pass and `ideal` to be faultless; `ideal` may lie on either side of `limit`."""

    limit: float
    ideal: float
    problem: FaceProblem

    def score(self, value: float) -> float:
        """Return 1 at the ideal or better, 0.5 exactly at the limit, falling to 0 as far beyond it as the ideal is before it."""
        return min(max(0.5 + 0.5 * (value - self.limit) / (self.ideal - self.limit), 0.0), 1.0)

    def passes(self, value: float) -> bool:
        """Tell whether the value is at the limit or on the ideal's side of it."""
        return value >= self.limit if self.ideal > self.limit else value <= self.limit


# Start values, except where a measurement is named; the limits are the ones in the product's documentation.
DETECTION = Gate(0.7, 0.9, "face_unclear")
WIDTH_PX = Gate(80, 240, "face_too_small")
YAW_DEGREES = Gate(35, 10, "face_turned_away")
PITCH_DEGREES = Gate(25, 8, "face_turned_away")
# Measured on portraits 104 to 350 pixels wide: 200 to 1400 as photographed, 16 to 38 after a blur of 2 pixels, under 15 after 3.
SHARPNESS = Gate(20, 120, "face_blurred")
LUMA_LOW = Gate(50, 90, "face_dark")
LUMA_HIGH = Gate(215, 180, "face_bright")


@dataclass(frozen=True)
class FaceMeasures:
    """What was measured of one face. `pose` is (yaw, pitch) in degrees, None where its features could not be placed."""

    detection_score: float
    width_px: float
    pose: tuple[float, float] | None
    sharpness: float
    luma: float
    at_edge: bool


def sharpness_and_luma(pixels: Pixels, box: Box) -> tuple[float, float]:
    """Return the variance of the Laplacian and the mean luma (0..255) of the face in `box`, which lies inside the picture.

    The Laplacian depends on scale, so it is taken at a width of at most SHARPNESS_WIDTH_PX; noise and blur then weigh the same
    in a selfie of 12 megapixels and in a small scan.
    """
    left, top = int(box.x), int(box.y)
    face = pixels[top : max(int(box.bottom), top + 1), left : max(int(box.right), left + 1)]
    grey = cv2.cvtColor(np.ascontiguousarray(face), cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    if width > SHARPNESS_WIDTH_PX:
        size = (SHARPNESS_WIDTH_PX, max(1, round(height * SHARPNESS_WIDTH_PX / width)))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return float(cv2.Laplacian(grey, cv2.CV_64F).var()), float(grey.mean())


def assess(measures: FaceMeasures) -> FaceQuality:
    """Judge a face. The weakest aspect is the score, so it is at least 0.5 if and only if there are no problems."""
    checks = [
        (DETECTION, measures.detection_score),
        (WIDTH_PX, measures.width_px),
        (SHARPNESS, measures.sharpness),
        (LUMA_LOW, measures.luma),
        (LUMA_HIGH, measures.luma),
    ]
    problems: list[FaceProblem] = []
    yaw = pitch = None
    if measures.pose is None:
        problems.append("face_unclear")
    else:
        yaw, pitch = measures.pose
        checks += [(YAW_DEGREES, abs(yaw)), (PITCH_DEGREES, abs(pitch))]
    problems += [gate.problem for gate, value in checks if not gate.passes(value)]
    score = 0.0 if measures.pose is None else min(gate.score(value) for gate, value in checks)
    return FaceQuality(
        score=round(score, 3) if not problems else min(round(score, 3), 0.499),
        width_px=round(measures.width_px),
        yaw_degrees=None if yaw is None else round(yaw, 1),
        pitch_degrees=None if pitch is None else round(pitch, 1),
        sharpness=round(measures.sharpness, 1),
        luma=round(measures.luma, 1),
        problems=_each_once(problems),
        warnings=tuple(_warnings(measures)),
    )


def _warnings(measures: FaceMeasures) -> Iterable[FaceWarning]:
    if WIDTH_PX.limit <= measures.width_px < WARN_UNDER_WIDTH_PX:
        yield "face_small"
    if measures.at_edge:
        yield "face_at_edge"


def _each_once(problems: Iterable[FaceProblem]) -> tuple[FaceProblem, ...]:
    return tuple(dict.fromkeys(problems))
