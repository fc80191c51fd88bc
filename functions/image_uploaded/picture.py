"""Turn whatever a phone or a browser uploads into one plain form: an upright sRGB JPEG without metadata."""

import functools
import io
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from payload import RejectionCode

Pixels = npt.NDArray[np.uint8]
"""A picture as height x width x 3 bytes, RGB."""

MAX_FILE_BYTES = 30 * 1024 * 1024
MAX_PIXELS = 8192 * 6144  # what phones call 50 megapixels; handling one takes up to 830 MB (measured, RGBA)
LONGEST_SIDE = 4096
THUMBNAIL_LONGEST_SIDE = 320
JPEG_QUALITY = 92
WEBP_QUALITY = 80
ACCEPTED_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")


class UnusablePictureError(Exception):
    """An upload that no retry can turn into a picture. `code` is stable; the message is for the person who uploaded it."""

    def __init__(self, code: RejectionCode, message: str) -> None:
        super().__init__(message)
        self.code: RejectionCode = code


def refuse_oversized_file(size_bytes: int) -> None:
    """Raise UnusablePictureError where a file is larger than we read into memory."""
    if size_bytes > MAX_FILE_BYTES:
        raise UnusablePictureError(
            "image_too_large",
            f"The file has {size_bytes / 1024**2:.1f} MB, and pictures may have up to {MAX_FILE_BYTES // 1024**2} MB. "
            "Export it as JPEG or scale it down, and upload it again.",
        )


def normalise(content: bytes) -> Image.Image:
    """Return the picture in a file upright, in sRGB, opaque, without metadata and at most LONGEST_SIDE wide and high.

    Raises UnusablePictureError where the bytes are no picture, are damaged, or hold more than MAX_PIXELS.
    """
    refuse_oversized_file(len(content))
    picture = _open(content)
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise _too_many_pixels(width, height)
    try:
        picture.load()
        picture = _with_plain_channels(picture)
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
        picture = ImageOps.exif_transpose(_on_white(picture))
    except MemoryError:
        raise
    except Exception as error:
        # Decoders answer damaged bytes with anything from OSError to IndexError. Decoding reads memory only, so nothing here passes.
        raise UnusablePictureError(
            "image_unreadable",
            "The picture is damaged or incomplete. Open it in a photo app, save a copy as JPEG, and upload that copy.",
        ) from error
    picture.info = {}  # what is left here (comment, EXIF with the place, XMP) would be written into the next file
    return picture


def encode_jpeg(picture: Image.Image) -> bytes:
    """Return the picture as JPEG: the one form in which the rest of the product meets uploaded pictures."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return file.getvalue()


def encode_thumbnail(picture: Image.Image) -> bytes:
    """Return a WebP of the picture, at most THUMBNAIL_LONGEST_SIDE wide and high; smaller pictures keep their size."""
    small = picture.copy()
    small.thumbnail((THUMBNAIL_LONGEST_SIDE, THUMBNAIL_LONGEST_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    file = io.BytesIO()
    small.save(file, "WEBP", quality=WEBP_QUALITY)
    return file.getvalue()


def decode_jpeg(jpeg: bytes) -> Pixels:
    """Return the pixels of a JPEG that `encode_jpeg` made."""
    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as picture:
        return np.asarray(picture.convert("RGB"))


@functools.cache
def _register_heif() -> None:
    from pillow_heif import register_heif_opener  # noqa: PLC0415 - loads libheif, which only this function needs

    register_heif_opener()


def _open(content: bytes) -> Image.Image:
    _register_heif()
    try:
        return Image.open(io.BytesIO(content), formats=ACCEPTED_FORMATS)
    except Image.DecompressionBombError:
        raise _too_many_pixels() from None
    except UnidentifiedImageError:
        raise UnusablePictureError(
            "not_an_image", "This file is not a picture that can be read here. Upload a JPEG, PNG, WebP or HEIC picture."
        ) from None
    except MemoryError:
        raise
    except Exception as error:
        # A header that names a known format and then breaks off.
        raise UnusablePictureError(
            "image_unreadable", "The picture is damaged or incomplete. Export it again as JPEG, and upload that file."
        ) from error


def _too_many_pixels(width: int | None = None, height: int | None = None) -> UnusablePictureError:
    size = f"{width} x {height} pixels" if width and height else "far too many pixels"
    return UnusablePictureError(
        "image_too_large",
        f"The picture has {size}, and {MAX_PIXELS // 1_000_000} megapixels are the most that can be used. "
        "Scale it down, and upload it again.",
    )


def _with_plain_channels(picture: Image.Image) -> Image.Image:
    """Return the picture in mode L, RGB, RGBA or CMYK: those that can be scaled and colour-managed."""
    match picture.mode:
        case "L" | "RGB" | "RGBA" | "CMYK":
            return picture
        case "I" | "I;16" | "I;16B" | "I;16L" | "I;16N":
            # Pillow would clip 16 bits at 255 instead of scaling them down.
            grey = Image.fromarray((np.asarray(picture, dtype=np.uint32) // 257).astype(np.uint8))
            grey.info = dict(picture.info)
            return grey
        case _:
            return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def _on_white(picture: Image.Image) -> Image.Image:
    """Return the picture in sRGB, with white shining through where it was transparent. `info` is kept: it holds the orientation."""
    colour = _to_srgb(picture)
    if picture.mode == "RGBA":
        page = Image.new("RGB", picture.size, "white")
        page.paste(colour, mask=picture.getchannel("A"))
        colour = page
    colour.info = dict(picture.info)
    return colour


def _to_srgb(picture: Image.Image) -> Image.Image:
    profile: Any = picture.info.get("icc_profile")
    opaque = picture.convert("RGB") if picture.mode == "RGBA" else picture
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(opaque, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            # A broken profile, or one for other channels than the picture has: show the bare values, as browsers do.
            converted = None
        if converted is not None:
            return converted
    return opaque.convert("RGB")
