"""Builders of the files that people upload."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

MEDIA = Path(__file__).parents[2] / "media"
ORIENTATION = 0x0112
GPS_DIRECTORY = 0x8825
# How a camera that is held so stores an upright picture: the inverse of what the tag tells the viewer to do.
STORED_AS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def astronaut() -> Image.Image:
    """Eileen Collins, 512 x 512, one face 104 pixels wide."""
    return _read("astronaut.jpg")


def grace_hopper() -> Image.Image:
    """Grace Hopper, 512 x 600, one face 200 pixels wide."""
    return _read("grace_hopper.jpg")


def _read(name: str) -> Image.Image:
    with Image.open(MEDIA / name) as picture:
        copy = picture.convert("RGB")
    copy.info = {}
    return copy


def four_corners(size: tuple[int, int] = (80, 60)) -> Image.Image:
    """A picture whose upper left is red, upper right green, lower left blue and lower right white."""
    picture = Image.new("RGB", size)
    half_width, half_height = size[0] // 2, size[1] // 2
    for x, y, colour in ((0, 0, "red"), (half_width, 0, "lime"), (0, half_height, "blue"), (half_width, half_height, "white")):
        picture.paste(colour, (x, y, x + half_width, y + half_height))
    return picture


def encoded(picture: Image.Image, file_format: str, **options: Any) -> bytes:
    """The picture as a file."""
    file = io.BytesIO()
    picture.save(file, file_format, **options)
    return file.getvalue()


def jpeg(picture: Image.Image, **options: Any) -> bytes:
    """The picture as a JPEG file."""
    return encoded(picture, "JPEG", **{"quality": 92, **options})


def as_held(upright: Image.Image, orientation: int) -> Image.Image:
    """The picture as the sensor of a phone held in this EXIF orientation sees it."""
    transpose = STORED_AS[orientation]
    return upright if transpose is None else upright.transpose(transpose)


def photo(upright: Image.Image, orientation: int) -> bytes:
    """The picture as such a phone stores it, with the place where it was taken."""
    return jpeg(as_held(upright, orientation), exif=exif_of_a_phone(orientation), comment=b"my kitchen")


def exif_of_a_phone(orientation: int) -> bytes:
    """EXIF with an orientation, a camera and a place."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[0x010F] = "A phone"
    latitude_and_longitude: Mapping[int, Any] = {1: "N", 2: (48.0, 51.0, 29.6), 3: "E", 4: (2.0, 17.0, 40.2)}
    exif.get_ifd(GPS_DIRECTORY).update(latitude_and_longitude)
    return exif.tobytes()


def on_canvas(size: tuple[int, int], *pasted: tuple[Image.Image, tuple[int, int]]) -> Image.Image:
    """Pictures pasted on a grey canvas."""
    canvas = Image.new("RGB", size, (150, 150, 150))
    for picture, position in pasted:
        canvas.paste(picture, position)
    return canvas
