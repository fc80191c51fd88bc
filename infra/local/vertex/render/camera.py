"""The camera: which part of a scene each frame shows."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from infra.local.vertex.render.pixels import Pixels, as_pixels

# Where the camera looks by default, as a share of the scene: above the middle, because that is where faces are.
GAZE = (0.5, 0.44)
TINTS = ((1.0, 1.0, 1.0), (1.05, 1.0, 0.93), (0.94, 1.0, 1.06), (1.04, 0.98, 1.02), (0.98, 1.03, 0.97))


@dataclass(frozen=True)
class View:
    """A zoom (1 shows the whole scene) at a centre given in shares of the scene."""

    zoom: float
    x: float
    y: float

    def inside(self) -> "View":
        """The nearest view that shows nothing beyond the scene's edge."""
        margin = 0.5 / self.zoom
        return replace(self, x=min(max(self.x, margin), 1 - margin), y=min(max(self.y, margin), 1 - margin))


@dataclass(frozen=True)
class CameraMove:
    """A move from one view to another; a `returning` one is back at its start in the last frame."""

    start: View
    end: View
    returning: bool = False

    def at(self, progress: float) -> View:
        """The view at `progress` (0..1): it starts and stops softly."""
        share = np.sin(np.pi * progress) ** 2 if self.returning else progress * progress * (3 - 2 * progress)
        eased = float(share)
        return View(
            self.start.zoom + (self.end.zoom - self.start.zoom) * eased,
            self.start.x + (self.end.x - self.start.x) * eased,
            self.start.y + (self.end.y - self.start.y) * eased,
        ).inside()


def choose_move(generator: np.random.Generator) -> CameraMove:
    """Pick one of the classic moves with its own pace and direction; every one keeps the upper centre in the picture."""
    near, far = float(generator.uniform(1.12, 1.2)), 1.0
    aside = float(generator.uniform(0.03, 0.06)) * (1 if generator.random() < 0.5 else -1)
    centre_x, centre_y = GAZE
    push_in = CameraMove(View(far, 0.5, 0.5), View(near, centre_x + aside, centre_y))
    pull_out = CameraMove(View(near, centre_x - aside, centre_y), View(far, 0.5, 0.5))
    pan = CameraMove(View(near, 0.5 - aside * 1.4, centre_y), View(near, 0.5 + aside * 1.4, centre_y))
    rise = CameraMove(View(near, centre_x + aside, 0.54), View(near * 0.96, centre_x - aside, 0.42))
    return (push_in, pull_out, pan, rise)[int(generator.integers(4))]


def choose_returning_move(generator: np.random.Generator) -> CameraMove:
    """A move for an extension: it starts and ends at the very picture given, so that a chain of twenty neither drifts nor blurs."""
    angle, near = float(generator.uniform(0, 2 * np.pi)), float(generator.uniform(1.08, 1.15))
    return CameraMove(View(1.0, 0.5, 0.5), View(near, GAZE[0] + 0.05 * np.cos(angle), GAZE[1] + 0.04 * np.sin(angle)), returning=True)


def choose_tint(generator: np.random.Generator) -> tuple[float, float, float]:
    """Pick a light colour grade."""
    return TINTS[int(generator.integers(len(TINTS)))]


def shoot(scene: Pixels, view: View, width: int, height: int) -> Pixels:
    """Return the frame of `width` x `height` that `view` shows of `scene`."""
    scene_height, scene_width = scene.shape[:2]
    scale_x, scale_y = width / scene_width * view.zoom, height / scene_height * view.zoom
    matrix = np.array(
        [[scale_x, 0, width / 2 - view.x * scene_width * scale_x], [0, scale_y, height / 2 - view.y * scene_height * scale_y]], np.float32
    )
    return as_pixels(cv2.warpAffine(scene, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
