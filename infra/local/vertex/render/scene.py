"""Turns a photo of any shape into a scene that the camera can move over without losing a face in it."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from infra.local.vertex.render.pixels import Pixels, as_pixels

Plane = NDArray[np.float32]

# The scene has a few more pixels than the frame, so that a slow zoom stays sharp.
OVERSCAN = 1.12
# A photo that would lose more than this share when it fills the frame is shown whole, on a blurred backdrop.
LARGEST_CROPPED_SHARE = 0.26
# Where the crop of a photo that is too tall lies: 0 keeps its top, 1 its bottom. Faces are in the upper part.
VERTICAL_CROP_BIAS = 0.25
FEATHER_SHARE = 0.07


@dataclass(frozen=True)
class SceneSize:
    """The pixels of a scene for a frame of `width` x `height`."""

    width: int
    height: int

    @classmethod
    def for_frame(cls, width: int, height: int) -> "SceneSize":
        return cls(round(width * OVERSCAN), round(height * OVERSCAN))


def load_picture(path: Path) -> Pixels:
    """Read a picture upright, as RGB; transparency becomes mid-grey."""
    with Image.open(path) as file:
        upright = ImageOps.exif_transpose(file)
        if upright.has_transparency_data:
            rgba = upright.convert("RGBA")
            backdrop = Image.new("RGBA", rgba.size, (128, 128, 128, 255))
            upright = Image.alpha_composite(backdrop, rgba)
        return np.asarray(upright.convert("RGB"))


def fit_picture(picture: Pixels, size: SceneSize) -> Pixels:
    """Fill `size` with the picture: cropped where little is lost, else whole between blurred borders."""
    height, width = picture.shape[:2]
    shape_ratio = (width / height) / (size.width / size.height)
    cropped_share = 1 - min(shape_ratio, 1 / shape_ratio)
    if cropped_share <= LARGEST_CROPPED_SHARE:
        return _cover(picture, size)
    return _whole_on_blurred_backdrop(picture, size)


def grade(scene: Pixels, tint: tuple[float, float, float], vignette: float) -> Pixels:
    """Multiply the channels by `tint` and darken the corners by the share `vignette`."""
    height, width = scene.shape[:2]
    falloff_y = np.linspace(-1, 1, height, dtype=np.float32)[:, None] ** 2
    falloff_x = np.linspace(-1, 1, width, dtype=np.float32)[None, :] ** 2
    light = 1 - vignette * np.clip((falloff_x + falloff_y - 0.35) / 1.65, 0, 1)
    # Channel by channel: in 4k a whole copy in floating point takes 125 MB.
    return np.dstack([as_pixels((scene[..., channel] * (light * np.float32(share))).clip(0, 255)) for channel, share in enumerate(tint)])


def resize(picture: Pixels, width: int, height: int) -> Pixels:
    """Scale to exactly `width` x `height`."""
    if picture.shape[:2] == (height, width):
        return picture
    shrinking = width < picture.shape[1]
    return as_pixels(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC))


def _cover(picture: Pixels, size: SceneSize) -> Pixels:
    height, width = picture.shape[:2]
    scale = max(size.width / width, size.height / height)
    scaled = resize(picture, max(size.width, round(width * scale)), max(size.height, round(height * scale)))
    left = (scaled.shape[1] - size.width) // 2
    top = round((scaled.shape[0] - size.height) * VERTICAL_CROP_BIAS)
    return scaled[top : top + size.height, left : left + size.width]


def _whole_on_blurred_backdrop(picture: Pixels, size: SceneSize) -> Pixels:
    height, width = picture.shape[:2]
    scale = min(size.width / width, size.height / height)
    shown = resize(picture, max(1, round(width * scale)), max(1, round(height * scale)))
    shown = shown[: size.height, : size.width]
    # Blurring a small copy looks the same and costs a hundredth.
    small = SceneSize(max(16, size.width // 12), max(16, size.height // 12))
    blurred = cv2.GaussianBlur(_cover(picture, small), (0, 0), small.width / 22)
    scene = resize((blurred * 0.62).astype(np.uint8), size.width, size.height)
    top, left = (size.height - shown.shape[0]) // 2, (size.width - shown.shape[1]) // 2
    region = scene[top : top + shown.shape[0], left : left + shown.shape[1]]
    alpha = _feather(shown.shape[0], shown.shape[1], vertical=top > 0, horizontal=left > 0)[..., None]
    region[:] = (shown * alpha + region * (1 - alpha)).astype(np.uint8)
    return scene


def _feather(height: int, width: int, *, vertical: bool, horizontal: bool) -> Plane:
    """An opacity that falls to 0 at the edges that meet the backdrop."""
    ramp = max(2, round(min(height, width) * FEATHER_SHARE))

    def profile(length: int, soft: bool) -> Plane:
        if not soft:
            return np.ones(length, np.float32)
        distance = np.minimum(np.arange(length), np.arange(length)[::-1]).astype(np.float32)
        linear = np.clip(distance / ramp, 0, 1)
        return (linear * linear * (3 - 2 * linear)).astype(np.float32)

    return np.outer(profile(height, vertical), profile(width, horizontal)).astype(np.float32)
