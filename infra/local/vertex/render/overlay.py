"""What is written over the picture: the prompt as a caption for a while, and SIMULATED always."""

import textwrap
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from infra.local.vertex.render.pixels import Pixels, as_pixels

MARK = "SIMULATED"
CAPTION_FADE_SECONDS = 0.5
# The last second shows no caption: an extension goes on from the last frame and brings its own.
CAPTION_ENDS_BEFORE_SECONDS = 1.0


@dataclass(frozen=True)
class Overlay:
    """A strip of premultiplied colour and its opacity, at a place in the frame."""

    top: int
    left: int
    colour: NDArray[np.float32]
    opacity: NDArray[np.float32]

    def draw(self, frame: Pixels, strength: float = 1.0) -> None:
        """Blend onto `frame` in place; `strength` 0..1 fades."""
        if strength <= 0:
            return
        height, width = self.opacity.shape[:2]
        region = frame[self.top : self.top + height, self.left : self.left + width]
        region[:] = (region * (1 - self.opacity * strength) + self.colour * strength).astype(np.uint8)


def caption(text: str, width: int, height: int) -> Overlay | None:
    """The prompt in at most two lines on a soft dark band, or None where there is nothing to say."""
    if not text:
        return None
    size = max(11, round(min(width, height) / 27))
    font = _font(text, size)
    margin = round(min(width, height) / 18)
    lines = textwrap.wrap(text, max(12, int((width - 2 * margin) / (size * 0.52))), max_lines=2, placeholder=" …")
    line_height = round(size * 1.4)
    band_height = line_height * len(lines) + margin * 2
    band = Image.new("RGBA", (width, band_height), (0, 0, 0, 0))
    shade = np.zeros((band_height, width, 4), np.uint8)
    shade[..., 3] = (np.linspace(0, 1, band_height) ** 0.8 * 165).astype(np.uint8)[:, None]
    band = Image.alpha_composite(band, Image.fromarray(shade))
    draw = ImageDraw.Draw(band)
    for row, line in enumerate(lines):
        draw.text((margin, round(margin * 1.15) + row * line_height), line, font=font, fill=(255, 255, 255, 240))
    return _overlay(band, top=height - band_height, left=0)


def caption_strength(seconds: float, duration_seconds: float) -> float:
    """How visible the caption is at a time: it fades in, and is gone before the end."""
    fade_in = seconds / CAPTION_FADE_SECONDS
    fade_out = (duration_seconds - CAPTION_ENDS_BEFORE_SECONDS - seconds) / CAPTION_FADE_SECONDS
    return min(max(min(fade_in, fade_out), 0.0), 1.0)


def mark(width: int, height: int) -> Overlay:
    """The small badge at the top right that says what this is."""
    size = max(9, round(min(width, height) / 44))
    font = ImageFont.load_default(size=size)
    left, top, right, bottom = font.getbbox(MARK)
    pad_x, pad_y = round(size * 0.75), round(size * 0.5)
    badge = Image.new("RGBA", (round(right - left) + 2 * pad_x, round(bottom - top) + 2 * pad_y), (0, 0, 0, 0))
    draw = ImageDraw.Draw(badge)
    draw.rounded_rectangle((0, 0, badge.width - 1, badge.height - 1), radius=badge.height / 2, fill=(0, 0, 0, 120))
    draw.text((pad_x - left, pad_y - top), MARK, font=font, fill=(255, 255, 255, 215))
    inset = round(min(width, height) / 30)
    return _overlay(badge, top=inset, left=width - badge.width - inset)


def remove_mark(frame: Pixels) -> Pixels:
    """Paint over the badge in the last frame of one of our own videos, so that the next one shows it once."""
    badge = mark(frame.shape[1], frame.shape[0])
    height, width = badge.opacity.shape[:2]
    covered = np.zeros(frame.shape[:2], np.uint8)
    covered[badge.top - 2 : badge.top + height + 2, badge.left - 2 : badge.left + width + 2] = 255
    return as_pixels(cv2.inpaint(frame, covered, 5, cv2.INPAINT_TELEA))


def _overlay(image: Image.Image, *, top: int, left: int) -> Overlay:
    rgba = np.asarray(image, np.float32)
    opacity = rgba[..., 3:] / np.float32(255)
    return Overlay(top, left, rgba[..., :3] * opacity, opacity)


def _font(text: str, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font; for other scripts than it knows, a wide one where the machine has it."""
    if not text.isascii():
        for name in ("NotoSansCJK-Regular.ttc", "DejaVuSans.ttf"):
            try:
                return ImageFont.truetype(name, size)
            except OSError:
                continue
    return ImageFont.load_default(size=size)
