"""Photos of faces as tests need them, and how alike two are; by the face function's own environment, which has HEIC and the models."""

import os
import subprocess
from pathlib import Path

import av
from PIL import Image, ImageEnhance, ImageOps

from tests.journeys.support import MEDIA

ROOT = MEDIA.parents[1]
FUNCTION = ROOT / "functions" / "image_uploaded"
PICTURES = ROOT / "tests" / "functions" / "image_uploaded"
ASTRONAUT, HOPPER = MEDIA / "astronaut.jpg", MEDIA / "grace_hopper.jpg"

HEIC = """
import sys
import pillow_heif
from PIL import Image
from pictures import as_held, exif_of_a_phone
upright = Image.open(sys.argv[1]).convert("RGB")
pillow_heif.from_pillow(as_held(upright, 6)).save(sys.argv[2], quality=90, exif=exif_of_a_phone(6))
"""
DISTANCE = """
import math, sys
from pathlib import Path
from analyze import FaceAnalyzer
from picture import decode_jpeg, encode_jpeg, normalise
analyzer = FaceAnalyzer()
faces = [analyzer.analyze(decode_jpeg(encode_jpeg(normalise(Path(name).read_bytes())))) for name in sys.argv[1:]]
print(math.dist(*(found[0].embedding for found in faces)))
"""


def heic_of_a_phone(upright: Path, out: Path) -> Path:
    """The picture as a phone that is held upright stores it: HEIC, lying on its side, with EXIF that says so and where it was taken."""
    _in_the_function(HEIC, upright, out)
    return out


def face_distance(first: Path, second: Path) -> float:
    """The distance of the embeddings of the largest faces in two pictures: up to 0.5 it is the same person."""
    return float(_in_the_function(DISTANCE, first, second))


def another_photo(of: Path, out: Path) -> Path:
    """The same person again: nearer, from the other side, in another light."""
    with Image.open(of) as picture:
        width, height = picture.size
        nearer = picture.convert("RGB").crop((width // 16, height // 32, width - width // 16, height - height // 8))
    ImageEnhance.Brightness(ImageOps.mirror(nearer)).enhance(1.15).save(out, quality=85)
    return out


def side_by_side(first: Path, second: Path, out: Path) -> Path:
    """Two people in one picture."""
    with Image.open(first) as left, Image.open(second) as right:
        together = Image.new("RGB", (left.width + right.width, max(left.height, right.height)), "grey")
        together.paste(left, (0, 0))
        together.paste(right, (left.width, 0))
    together.save(out, quality=92)
    return out


def last_frame(video: Path, out: Path) -> Path:
    """The last picture of a video."""
    with av.open(str(video)) as opened:
        for frame in opened.decode(video=0):
            last = frame
    Image.fromarray(last.to_ndarray(format="rgb24")).save(out, quality=95)
    return out


def _in_the_function(program: str, *arguments: Path) -> str:
    python = FUNCTION / ".venv" / "bin" / "python"
    environment = {**os.environ, "PYTHONPATH": f"{FUNCTION}{os.pathsep}{PICTURES}"}
    command = [str(python), "-c", program, *map(str, arguments)]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.strip()
