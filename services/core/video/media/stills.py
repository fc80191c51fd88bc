"""Single pictures of a video: poster, thumbnail, last frame, and a strip of frames to scrub through."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from av.video.frame import VideoFrame
from PIL import Image

from services.core.video.media.decode import frames_from
from services.core.video.media.errors import UnreadableVideo
from services.core.video.media.inventory import Inventory, take_inventory
from services.core.video.media.results import Picture, Sprite

THUMBNAIL_WIDTH = 320  # px
TILE_WIDTH = 160  # px
_QUALITY = 85  # of JPEG and WebP; PNG has none


def poster(path: Path, at_seconds: float, width: int, out: Path) -> Picture:
    """Write the frame shown at `at_seconds` (the last one when that is later), at most `width` px wide.

    The suffix of `out` is the format: .jpg, .webp or .png. Raises UnreadableVideo.
    """
    inventory = take_inventory(path)
    number = int(at_seconds * inventory.pictures.fps + 1e-6)
    return _still(inventory, number, width, out)


def thumbnail(path: Path, out: Path, at_seconds: float = 0.0) -> Picture:
    """Write a picture of at most 320 px width."""
    return poster(path, at_seconds, THUMBNAIL_WIDTH, out)


def last_frame(path: Path, out: Path) -> Picture:
    """Write the very last frame in full size: what the next clip begins with."""
    inventory = take_inventory(path)
    return _still(inventory, inventory.pictures.frames - 1, inventory.pictures.width, out)


def sprite(path: Path, columns: int, out: Path) -> Sprite:
    """Write `columns` frames side by side, the first and the last frame among them, each at most 160 px wide."""
    inventory = take_inventory(path)
    last = inventory.pictures.frames - 1
    numbers = tuple(round(column * last / max(1, columns - 1)) for column in range(columns))
    tile = _fitting(inventory, TILE_WIDTH)
    strip = Image.new("RGB", (tile[0] * columns, tile[1]))
    for column, frame in enumerate(_frames_at(inventory, numbers)):
        strip.paste(_image(frame).resize(tile, Image.Resampling.LANCZOS), (column * tile[0], 0))
    strip.save(out, quality=_QUALITY)
    return Sprite(columns, *tile, numbers)


def _still(inventory: Inventory, number: int, width: int, out: Path) -> Picture:
    number = min(max(number, 0), inventory.pictures.frames - 1)
    frame = next(_frames_at(inventory, [number]))
    image = _image(frame)
    size = _fitting(inventory, width)
    if image.size != size:
        image = image.resize(size, Image.Resampling.LANCZOS)
    image.save(out, quality=_QUALITY)
    return Picture(*size, number)


def _image(frame: VideoFrame) -> Image.Image:
    return Image.fromarray(frame.to_ndarray(format="rgb24"))


def _fitting(inventory: Inventory, width: int) -> tuple[int, int]:
    """The video's size, shrunk to at most `width`."""
    pictures = inventory.pictures
    width = min(width, pictures.width)
    return width, max(1, round(pictures.height * width / pictures.width))


def _frames_at(inventory: Inventory, numbers: Sequence[int]) -> Iterator[VideoFrame]:
    """The frames of these numbers, ascending; decoding goes on from one to the next, unless a keyframe in between saves time."""
    fps = inventory.pictures.fps
    entries = inventory.pictures.entries()
    decoding: Iterator[tuple[int, VideoFrame]] = iter(())
    position, frame = -1, None
    for number in numbers:
        if frame is None or any(position < entry <= number for entry in entries):
            decoding = ((round(time * fps), decoded) for time, decoded in frames_from(inventory, number / fps))
        while frame is None or position < number:
            position, frame = next(decoding, (number, None))
            if frame is None:
                raise UnreadableVideo("damaged", f"The video is damaged: frame {number} cannot be decoded.")
        yield frame
