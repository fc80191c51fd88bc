"""Normalising: whatever a phone makes becomes one plain upright picture, and what is no picture is refused with a reason."""

import io
import time

import numpy as np
import pillow_heif
import pytest
from picture import (
    MAX_FILE_BYTES,
    UnusablePictureError,
    decode_jpeg,
    encode_jpeg,
    encode_thumbnail,
    normalise,
    refuse_oversized_file,
)
from pictures import as_held, astronaut, encoded, exif_of_a_phone, four_corners, jpeg, photo
from PIL import Image, ImageCms


def corners(picture: Image.Image) -> list[str]:
    """The colours of the four corners, by their strongest channels."""
    names = {(True, False, False): "red", (False, True, False): "lime", (False, False, True): "blue", (True, True, True): "white"}
    width, height = picture.size
    found = []
    for x, y in ((0.1, 0.1), (0.9, 0.1), (0.1, 0.9), (0.9, 0.9)):
        pixel = picture.getpixel((int(x * width), int(y * height)))
        assert isinstance(pixel, tuple)
        red, green, blue = (channel > 128 for channel in pixel)
        found.append(names.get((red, green, blue), f"{pixel}"))
    return found


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_upright_however_the_phone_was_held(orientation: int) -> None:
    picture = normalise(photo(four_corners(), orientation))

    assert picture.size == (80, 60)
    assert corners(picture) == ["red", "lime", "blue", "white"]


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_heic_photo_is_upright_and_turned_only_once(orientation: int) -> None:
    file = io.BytesIO()
    pillow_heif.from_pillow(as_held(four_corners(), orientation)).save(file, quality=90, exif=exif_of_a_phone(orientation))

    picture = normalise(file.getvalue())

    assert picture.size == (80, 60)
    assert corners(picture) == ["red", "lime", "blue", "white"]


@pytest.mark.parametrize(
    ("file_format", "mode"),
    [("PNG", "RGB"), ("PNG", "P"), ("WEBP", "RGB"), ("JPEG", "CMYK"), ("WEBP", "RGBA"), ("PNG", "RGBA")],
)
def test_every_format_and_colour_mode_shows_the_same_picture(file_format: str, mode: str) -> None:
    picture = normalise(encoded(four_corners().convert(mode), file_format))

    assert picture.mode == "RGB"
    assert corners(picture) == ["red", "lime", "blue", "white"]


def test_what_is_transparent_becomes_white() -> None:
    transparent = Image.new("RGBA", (10, 10), (255, 0, 0, 0))

    assert normalise(encoded(transparent, "PNG")).getpixel((5, 5)) == (255, 255, 255)


def test_a_palette_with_a_transparent_colour_becomes_white_there() -> None:
    palette = Image.new("P", (10, 10), 0)
    palette.putpalette([255, 0, 0, 0, 0, 255])

    assert normalise(encoded(palette, "PNG", transparency=0)).getpixel((5, 5)) == (255, 255, 255)


def test_sixteen_bits_of_grey_are_scaled_and_not_clipped() -> None:
    ramp = np.array([[0, 16384, 32768, 65535]], dtype=np.uint16)

    picture = normalise(encoded(Image.fromarray(ramp), "PNG"))

    assert [picture.getpixel((x, 0)) for x in range(4)] == [(value, value, value) for value in (0, 63, 127, 255)]


def test_colours_are_converted_from_the_profile_of_the_camera() -> None:
    # Given a profile in which red and green have changed places
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = profile.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")
    pure_red = Image.new("RGB", (10, 10), (255, 0, 0))

    picture = normalise(encoded(pure_red, "PNG", icc_profile=swapped))

    red, green, blue = np.asarray(picture)[5, 5]
    assert red < 10
    assert green > 245
    assert blue < 10


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_broken_or_unfitting_profile_leaves_the_bare_colours(mode: str) -> None:
    grey = Image.new(mode, (10, 10), 100 if mode == "L" else (100, 100, 100))
    profile = b"not a profile" if mode == "RGB" else ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    assert normalise(encoded(grey, "PNG", icc_profile=profile)).getpixel((5, 5)) == (100, 100, 100)


def test_nothing_but_pixels_survives_in_what_we_store() -> None:
    # Given a photo with a place, a camera, a comment, XMP and a colour profile
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    uploaded = jpeg(
        astronaut(), exif=exif_of_a_phone(1), comment=b"my kitchen", xmp=b"<x:xmpmeta>my kitchen</x:xmpmeta>", icc_profile=profile
    )
    assert b"A phone" in uploaded

    picture = normalise(uploaded)

    for file in (encode_jpeg(picture), encode_thumbnail(picture)):
        assert not any(mark in file for mark in (b"Exif\0", b"EXIF", b"A phone", b"kitchen", b"xmpmeta", b"XMP ", b"ICC_PROFILE", b"ICCP"))
        with Image.open(io.BytesIO(file)) as reopened:
            assert not reopened.getexif()
            assert not {"exif", "comment", "xmp", "icc_profile"} & set(reopened.info)


def test_large_pictures_shrink_to_4096_and_small_ones_keep_their_size() -> None:
    assert normalise(jpeg(Image.new("RGB", (5000, 2500)))).size == (4096, 2048)
    assert normalise(jpeg(Image.new("RGB", (300, 200)))).size == (300, 200)


def test_a_panorama_one_pixel_high_survives() -> None:
    picture = normalise(encoded(Image.new("RGB", (9000, 1)), "PNG"))

    assert picture.size == (4096, 1)
    assert decode_jpeg(encode_jpeg(picture)).shape == (1, 4096, 3)


def test_a_thumbnail_is_a_webp_of_at_most_320_pixels() -> None:
    with Image.open(io.BytesIO(encode_thumbnail(normalise(jpeg(Image.new("RGB", (1200, 1600))))))) as thumbnail:
        assert thumbnail.format == "WEBP"
        assert thumbnail.size == (240, 320)


def test_a_photo_of_twelve_megapixels_takes_seconds_at_most() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (302, 403, 3), dtype=np.uint8)
    uploaded = photo(Image.fromarray(noise).resize((4032, 3024), Image.Resampling.BICUBIC), 6)

    started = time.monotonic()
    picture = normalise(uploaded)

    assert picture.size == (4032, 3024)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("content", [b"", b"hello", b"%PDF-1.7 no picture", b"GIF89a" + bytes(50), b"<svg></svg>"])
def test_what_is_no_picture_is_refused_as_such(content: bytes) -> None:
    with pytest.raises(UnusablePictureError, match="JPEG, PNG, WebP or HEIC") as refusal:
        normalise(content)

    assert refusal.value.code == "not_an_image"


@pytest.mark.parametrize("kept", [0.05, 0.5, 0.9])
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_file_that_breaks_off_is_refused_as_damaged(file_format: str, kept: float) -> None:
    pillow_heif.register_heif_opener()
    whole = encoded(astronaut(), file_format)

    with pytest.raises(UnusablePictureError) as refusal:
        normalise(whole[: int(len(whole) * kept)])

    assert refusal.value.code in {"image_unreadable", "not_an_image"}
    assert "upload" in str(refusal.value).lower()


def test_more_than_fifty_megapixels_are_refused_before_they_are_decoded() -> None:
    bomb = encoded(Image.new("1", (20_000, 5_000)), "PNG")

    with pytest.raises(UnusablePictureError, match="20000 x 5000 pixels") as refusal:
        normalise(bomb)

    assert refusal.value.code == "image_too_large"


def test_a_decompression_bomb_is_refused_as_too_large() -> None:
    bomb = encoded(Image.new("1", (20_000, 20_000)), "PNG")

    with pytest.raises(UnusablePictureError) as refusal:
        normalise(bomb)

    assert refusal.value.code == "image_too_large"


def test_a_file_above_the_limit_is_refused_with_its_size() -> None:
    refuse_oversized_file(MAX_FILE_BYTES)

    with pytest.raises(UnusablePictureError, match=r"30\.0 MB, and pictures may have up to 30 MB") as refusal:
        refuse_oversized_file(MAX_FILE_BYTES + 1)

    assert refusal.value.code == "image_too_large"
