"""Find faces and place their 478 points, with the models inside MediaPipe 0.10.18 (later wheels have none)."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from geometry import Box, Points, Sighting, bounds, distinct, is_cut_by, windows
from picture import Pixels

# The full-range detector sees 192 x 192 pixels, and in them faces from about 14 pixels on (measured): one fourteenth of what it is shown.
WORKING_SIDE = 1280
WINDOW_SIDE = 1024  # shows a face of 80 pixels, the smallest we accept, with 15 pixels
WINDOW_OVERLAP = 320  # larger faces are seen in the whole picture: 4096 / 14 = 293
# Where a face takes a sixth of the picture, it is a portrait: people far behind are not looked for.
PORTRAIT_SHARE = 1 / 6
DETECTION_MINIMUM = 0.5
# Two models must doubt a finding before it is dropped: folds and lamps reach 0.6 in the detector, and never get a mesh.
CERTAIN_WITHOUT_MESH = 0.7
MESH_MINIMUM = 0.3  # the detector already vouches for the crop
# The mesh model's own detector wants room around a face.
CROP_FACTOR = 2.2
CROP_SIDE = 640
MESHES_IN_CROP = 3  # in a group, neighbours reach into the crop


@dataclass(frozen=True)
class FoundFace:
    """A face in a picture; `mesh` is None where its features could not be placed (covered, far turned, or not a face at all)."""

    box: Box
    score: float
    mesh: Points | None


class FaceFinder:
    """Detector and mesh. Not safe to share between threads: the caller serialises."""

    def __init__(self) -> None:
        from mediapipe.python.solutions import face_detection, face_mesh  # noqa: PLC0415 - 3 s of imports, at the first picture only

        self._detector: Any = face_detection.FaceDetection(model_selection=1, min_detection_confidence=DETECTION_MINIMUM)
        self._mesh: Any = face_mesh.FaceMesh(
            static_image_mode=True, refine_landmarks=True, max_num_faces=MESHES_IN_CROP, min_detection_confidence=MESH_MINIMUM
        )

    def find(self, pixels: Pixels, limit: int) -> list[FoundFace]:
        """Return the faces in a picture, largest first, at most `limit`."""
        found: list[FoundFace] = []
        for sighting in self._sightings(pixels):
            if len(found) == limit:
                break
            mesh = self._place_mesh(pixels, sighting.box)
            if mesh is not None or sighting.score >= CERTAIN_WITHOUT_MESH:
                found.append(FoundFace(sighting.box, sighting.score, mesh))
        return found

    def _sightings(self, pixels: Pixels) -> list[Sighting]:
        height, width = pixels.shape[:2]
        sightings = self._detect(pixels, Box(0, 0, width, height))
        largest = max((sighting.box.width for sighting in sightings), default=0.0)
        if largest < max(width, height) * PORTRAIT_SHARE and max(width, height) > WINDOW_SIDE:
            for window in windows(width, height, WINDOW_SIDE, WINDOW_OVERLAP):
                inside = self._detect(pixels, window)
                sightings.extend(sighting for sighting in inside if not is_cut_by(window, sighting.box, width, height))
        return distinct(sightings)

    def _detect(self, pixels: Pixels, window: Box) -> list[Sighting]:
        """Return what the detector sees in one window, in pixels of the whole picture."""
        left, top = int(window.x), int(window.y)
        view = _at_most(pixels[top : top + int(window.height), left : left + int(window.width)], WORKING_SIDE)
        sightings = []
        for detection in self._detector.process(view).detections or ():
            relative = detection.location_data.relative_bounding_box
            box = Box(
                left + relative.xmin * window.width,
                top + relative.ymin * window.height,
                relative.width * window.width,
                relative.height * window.height,
            )
            sightings.append(Sighting(box, min(float(detection.score[0]), 1.0)))
        height, width = pixels.shape[:2]
        return [sighting for sighting in sightings if sighting.box.clipped(width, height).area > 0]

    def _place_mesh(self, pixels: Pixels, box: Box) -> Points | None:
        """Return the 478 points of the face in `box`, in pixels of the whole picture."""
        square = box.square_around(CROP_FACTOR)
        left, top, side = round(square.x), round(square.y), max(round(square.width), 1)
        view = _at_most(_cut_square(pixels, left, top, side), CROP_SIDE)
        meshes = [
            np.array([(left + point.x * side, top + point.y * side, point.z * side) for point in result.landmark], dtype=np.float64)
            for result in self._mesh.process(view).multi_face_landmarks or ()
        ]
        # A neighbour's mesh lies beside the box; the right one lies in its middle.
        own = [mesh for mesh in meshes if box.holds(*bounds(mesh).centre) and bounds(mesh).overlap(box) > 0.5]
        return max(own, key=lambda mesh: bounds(mesh).overlap(box), default=None)


def _cut_square(pixels: Pixels, left: int, top: int, side: int) -> Pixels:
    """Return a square of the picture, black where it reaches beyond: the mesh model places its points wrongly in other rectangles."""
    height, width = pixels.shape[:2]
    square = np.zeros((side, side, 3), dtype=np.uint8)
    x, y, right, bottom = max(left, 0), max(top, 0), min(left + side, width), min(top + side, height)
    square[y - top : bottom - top, x - left : right - left] = pixels[y:bottom, x:right]
    return square


def _at_most(pixels: Pixels, side: int) -> Pixels:
    """Return the pixels, contiguous and scaled down so that neither side is longer than `side`."""
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return np.ascontiguousarray(pixels)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
