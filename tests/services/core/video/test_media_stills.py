"""Stills show the frame they say they show."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from services.core.video.media.stills import last_frame, poster, sprite, thumbnail
from tests.services.core.video.media_clips import ONE_KEYFRAME, PROVIDER, Clip, number_on, write_clip


@pytest.fixture(scope="module", params=[PROVIDER, ONE_KEYFRAME], ids=["many keyframes", "one keyframe"])
def clip(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", Clip(96, width=640, height=360, options=request.param))


@pytest.mark.parametrize(("at_seconds", "number"), [(0.0, 0), (0.5, 12), (1.99, 47), (2.0, 48), (3.96, 95), (99.0, 95), (-1.0, 0)])
def test_a_poster_shows_the_frame_at_its_moment(tmp_path: Path, clip: Path, at_seconds: float, number: int) -> None:
    written = poster(clip, at_seconds, 480, tmp_path / "poster.jpg")

    assert (written.width, written.height, written.frame) == (480, 270, number)
    assert shown(tmp_path / "poster.jpg") == number


def test_a_poster_is_never_enlarged(tmp_path: Path, clip: Path) -> None:
    assert poster(clip, 0, 4000, tmp_path / "poster.webp").width == 640


def test_a_thumbnail_is_a_webp_of_320_pixels(tmp_path: Path, clip: Path) -> None:
    thumbnail(clip, tmp_path / "thumbnail.webp", at_seconds=1.0)

    with Image.open(tmp_path / "thumbnail.webp") as image:
        assert (image.format, image.size) == ("WEBP", (320, 180))
    assert shown(tmp_path / "thumbnail.webp") == 24


def test_the_last_frame_is_the_last_one_in_full_size(tmp_path: Path, clip: Path) -> None:
    written = last_frame(clip, tmp_path / "last.png")

    assert (written.width, written.height, written.frame) == (640, 360, 95)
    assert shown(tmp_path / "last.png") == 95


@pytest.mark.parametrize("columns", [1, 4, 10])
def test_a_sprite_shows_frames_evenly_from_the_first_to_the_last(tmp_path: Path, clip: Path, columns: int) -> None:
    strip = sprite(clip, columns, tmp_path / "sprite.webp")

    assert (strip.columns, strip.tile_width, strip.tile_height) == (columns, 160, 90)
    with Image.open(tmp_path / "sprite.webp") as image:
        assert image.size == (160 * columns, 90)
        tiles = [np.asarray(image.convert("L").crop((160 * n, 0, 160 * n + 160, 90)), np.uint8) for n in range(columns)]
    assert tuple(number_on(tile) for tile in tiles) == strip.frames
    assert strip.frames[0] == 0
    assert columns == 1 or strip.frames[-1] == 95


def shown(path: Path) -> int:
    with Image.open(path) as image:
        return number_on(np.asarray(image.convert("L"), np.uint8))
