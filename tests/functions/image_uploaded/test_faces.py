"""The models at work on real portraits: faces are found, judged, and told apart."""

import json
import math
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from analyze import FaceAnalyzer
from embedding import DLIB_RESNET, EMBEDDERS, ModelFileError, verified_model_file
from payload import Face
from picture import decode_jpeg
from pictures import MEDIA, astronaut, grace_hopper, jpeg, on_canvas
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

FUNCTION = Path(__file__).parents[3] / "functions" / "image_uploaded"


def faces_in(analyzer: FaceAnalyzer, picture: Image.Image) -> tuple[Face, ...]:
    return analyzer.analyze(decode_jpeg(jpeg(picture)))


def the_face_in(analyzer: FaceAnalyzer, picture: Image.Image) -> Face:
    (face,) = faces_in(analyzer, picture)
    return face


def distance(one: Face, other: Face) -> float:
    assert one.embedding
    assert other.embedding
    return math.dist(one.embedding, other.embedding)


def test_a_portrait_has_one_good_face_where_it_is(analyzer: FaceAnalyzer) -> None:
    face = the_face_in(analyzer, astronaut())

    assert 0.30 < face.bbox.x < 0.38
    assert 0.10 < face.bbox.y < 0.17
    assert face.quality.problems == ()
    assert face.quality.warnings == ("face_small",)
    assert 95 <= face.quality.width_px <= 115
    assert face.embedder_id == DLIB_RESNET.id
    assert face.embedding is not None
    assert len(face.embedding) == DLIB_RESNET.dimension
    assert face.landmarks is not None
    assert len(face.landmarks) == 5
    for x, y, _ in face.landmarks:
        assert face.bbox.x <= x <= face.bbox.x + face.bbox.width
        assert face.bbox.y <= y <= face.bbox.y + face.bbox.height


@pytest.mark.parametrize("portrait", [astronaut, grace_hopper])
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(ImageOps.mirror, id="mirrored"),
        pytest.param(lambda picture: ImageEnhance.Brightness(picture).enhance(0.6), id="darker"),
        pytest.param(lambda picture: ImageEnhance.Brightness(picture).enhance(1.3), id="brighter"),
        pytest.param(lambda picture: picture.crop((60, 20, 440, 400)), id="cropped"),
        pytest.param(lambda picture: picture.rotate(15), id="tilted"),
        pytest.param(lambda picture: picture.resize((picture.width * 2, picture.height * 2)), id="larger"),
    ],
)
def test_the_same_person_is_recognised_in_a_changed_picture(
    analyzer: FaceAnalyzer, portrait: Callable[[], Image.Image], change: Callable[[Image.Image], Image.Image]
) -> None:
    original = the_face_in(analyzer, portrait())

    changed = the_face_in(analyzer, change(portrait()))

    assert distance(original, changed) <= DLIB_RESNET.same_up_to


def test_two_people_are_told_apart(analyzer: FaceAnalyzer) -> None:
    assert distance(the_face_in(analyzer, astronaut()), the_face_in(analyzer, grace_hopper())) > DLIB_RESNET.different_above


def test_two_faces_are_listed_largest_first_and_not_confused(analyzer: FaceAnalyzer) -> None:
    alone = the_face_in(analyzer, grace_hopper())
    together = on_canvas((1024, 600), (astronaut(), (0, 0)), (grace_hopper(), (512, 0)))

    larger, smaller = faces_in(analyzer, together)

    assert larger.bbox.x > 0.5 > smaller.bbox.x
    assert distance(alone, larger) < 0.2
    assert distance(alone, smaller) > DLIB_RESNET.different_above


def test_neighbours_who_reach_into_each_others_crop_keep_their_own_faces(analyzer: FaceAnalyzer) -> None:
    left = astronaut().crop((150, 20, 300, 220))
    right = grace_hopper().crop((140, 20, 380, 340)).resize((150, 200))
    alone_left, alone_right = the_face_in(analyzer, astronaut()), the_face_in(analyzer, grace_hopper())

    faces = sorted(faces_in(analyzer, on_canvas((400, 300), (left, (50, 50)), (right, (200, 50)))), key=lambda face: face.bbox.x)

    assert len(faces) == 2
    assert distance(faces[0], alone_left) <= DLIB_RESNET.same_up_to
    assert distance(faces[1], alone_right) <= DLIB_RESNET.same_up_to


def test_a_face_without_visible_features_never_gets_its_neighbours_identity(analyzer: FaceAnalyzer) -> None:
    # Given a face too blurred for its features, and so close to it a clear one that the crop around the first shows both
    blurred = astronaut().filter(ImageFilter.GaussianBlur(7)).crop((170, 20, 290, 220))
    clear = grace_hopper().crop((150, 20, 370, 340)).resize((77, 112))

    faces = faces_in(analyzer, on_canvas((400, 300), (blurred, (50, 50)), (clear, (170, 90))))

    assert all(face.bbox.x > 0.4 for face in faces if face.embedding)


def test_small_faces_in_a_photo_of_twelve_megapixels_are_found(analyzer: FaceAnalyzer) -> None:
    group = on_canvas((4032, 3024), (astronaut(), (300, 1900)), (grace_hopper(), (3300, 200)), (astronaut(), (1800, 900)))

    faces = faces_in(analyzer, group)

    assert len(faces) == 3
    assert all(face.quality.problems == () for face in faces)


@pytest.mark.parametrize("size", [(640, 480), (1, 1), (3000, 20), (2000, 1500)])
def test_where_nobody_is_there_is_no_face(analyzer: FaceAnalyzer, size: tuple[int, int]) -> None:
    gradient = Image.linear_gradient("L").resize(size).convert("RGB")

    assert faces_in(analyzer, gradient) == ()


@pytest.mark.parametrize(
    ("problem", "change"),
    [
        ("face_too_small", lambda picture: picture.resize((256, 256))),
        ("face_blurred", lambda picture: picture.filter(ImageFilter.GaussianBlur(3))),
        ("face_dark", lambda picture: ImageEnhance.Brightness(picture).enhance(0.3)),
        ("face_bright", lambda picture: Image.blend(picture, Image.new("RGB", picture.size, "white"), 0.75)),
    ],
)
def test_a_face_that_cannot_serve_is_listed_with_its_problem(
    analyzer: FaceAnalyzer, problem: str, change: Callable[[Image.Image], Image.Image]
) -> None:
    face = the_face_in(analyzer, change(astronaut()))

    assert problem in face.quality.problems
    assert face.quality.score < 0.5


def test_a_face_cut_by_the_edge_of_the_picture_is_warned_about(analyzer: FaceAnalyzer) -> None:
    face = the_face_in(analyzer, grace_hopper().crop((250, 0, 512, 600)))

    assert "face_at_edge" in face.quality.warnings
    assert face.bbox.x == 0


def test_threads_take_turns_and_get_the_same_answer(analyzer: FaceAnalyzer) -> None:
    pixels = decode_jpeg(jpeg(astronaut()))

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(analyzer.analyze, [pixels] * 3))

    assert answers[0] == answers[1] == answers[2]


def test_a_model_file_that_is_not_the_expected_one_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "model.dat"
    other.write_bytes(b"another model")

    with pytest.raises(ModelFileError, match="would not compare"):
        verified_model_file(other, DLIB_RESNET.model_sha256)
    with pytest.raises(ModelFileError, match="missing"):
        verified_model_file(tmp_path / "absent.dat", DLIB_RESNET.model_sha256)


def test_each_embedder_gives_the_dimension_it_promises() -> None:
    for embedder_id, load in EMBEDDERS.items():
        face = the_face_in(FaceAnalyzer(embedder_id), astronaut())
        assert face.embedding is not None
        assert len(face.embedding) == load().specification.dimension


def test_the_command_prints_faces_without_embeddings() -> None:
    command = [sys.executable, "-m", "analyze", str(MEDIA / "astronaut.jpg")]

    printed = json.loads(subprocess.run(command, cwd=FUNCTION, check=True, capture_output=True, text=True).stdout)

    assert (printed["width"], printed["height"]) == (512, 512)
    (face,) = printed["faces"]
    assert "embedding" not in face
    assert face["quality"]["problems"] == []


def test_the_command_says_why_a_file_is_of_no_use() -> None:
    command = [sys.executable, "-m", "analyze", str(MEDIA / "README.md")]

    finished = subprocess.run(command, cwd=FUNCTION, check=False, capture_output=True, text=True)

    assert finished.returncode == 1
    assert "not a picture" in finished.stderr
