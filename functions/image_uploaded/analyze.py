"""Find and describe the faces in a picture; as a command: `python -m analyze PICTURE` prints them as JSON, without embeddings."""

import argparse
import json
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from embedding import ALIGNMENT_POINTS, DLIB_RESNET, EMBEDDERS, Embedder
from finding import FaceFinder, FoundFace
from geometry import Box, Points, head_pose
from payload import BoundingBox, Face
from picture import Pixels, UnusablePictureError, decode_jpeg, encode_jpeg, normalise
from quality import FaceMeasures, assess, sharpness_and_luma

MAX_FACES = 20  # in a crowd, the largest; an embedding costs 0.2 s


class FaceAnalyzer:
    """The models of this process: loaded once, at the first picture, and used by one thread at a time, as they demand."""

    def __init__(self, embedder_id: str = DLIB_RESNET.id) -> None:
        self._load_embedder = EMBEDDERS[embedder_id]
        self._lock = threading.Lock()
        self._models: tuple[FaceFinder, Embedder] | None = None

    def analyze(self, pixels: Pixels) -> tuple[Face, ...]:
        """Return the faces in a picture, largest first, at most MAX_FACES. Any thread may call this; they take turns."""
        with self._lock:
            if self._models is None:
                self._models = (FaceFinder(), self._load_embedder())
            finder, embedder = self._models
            return tuple(_describe(pixels, found, embedder) for found in finder.find(pixels, MAX_FACES))


def _describe(pixels: Pixels, found: FoundFace, embedder: Embedder) -> Face:
    height, width = pixels.shape[:2]
    visible = found.box.clipped(width, height)
    sharpness, luma = sharpness_and_luma(pixels, visible)
    measures = FaceMeasures(
        detection_score=found.score,
        width_px=visible.width,
        pose=None if found.mesh is None else head_pose(found.mesh),
        sharpness=sharpness,
        luma=luma,
        at_edge=visible != found.box,
    )
    return Face(
        bbox=_fractions(visible, width, height),
        detection_score=round(found.score, 3),
        quality=assess(measures),
        landmarks=None if found.mesh is None else _alignment_points(found.mesh, width, height),
        embedding=None if found.mesh is None else embedder.embed(pixels, found.mesh),
        embedder_id=embedder.specification.id,
    )


def _fractions(box: Box, width: int, height: int) -> BoundingBox:
    return BoundingBox(
        x=round(box.x / width, 5), y=round(box.y / height, 5), width=round(box.width / width, 5), height=round(box.height / height, 5)
    )


def _alignment_points(mesh: Points, width: int, height: int) -> tuple[tuple[float, float, float], ...]:
    points = [mesh[index] for index in ALIGNMENT_POINTS]
    return tuple((round(float(x) / width, 5), round(float(y) / height, 5), round(float(z) / width, 5)) for x, y, z in points)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the faces in one picture. Returns 1, with the reason on stderr, where the file cannot be used."""
    parser = argparse.ArgumentParser(prog="analyze", description="Print the faces in a picture as JSON, without embeddings.")
    parser.add_argument("picture", type=Path, help="a JPEG, PNG, WebP or HEIC file")
    path: Path = parser.parse_args(arguments).picture
    try:
        pixels = decode_jpeg(encode_jpeg(normalise(path.read_bytes())))
    except (UnusablePictureError, OSError) as error:
        sys.stderr.write(f"{path}: {error}\n")
        return 1
    faces = [{name: value for name, value in asdict(face).items() if name != "embedding"} for face in FaceAnalyzer().analyze(pixels)]
    sys.stdout.write(json.dumps({"width": pixels.shape[1], "height": pixels.shape[0], "faces": faces}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
