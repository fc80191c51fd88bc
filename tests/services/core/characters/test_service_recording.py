"""A picture that was inspected: recorded once, its person offered and never merged by itself."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.core.characters.index import FaceIndex
from services.core.characters.service import Characters, require_one_face
from services.core.kit.database import Database
from services.core.kit.errors import Invalid
from services.core.projects import service as projects
from tests.services.core.characters.people import Photos, a_face, asset_of, faces_of, indexed, people_in, record
from tests.services.core.projects.canvas import START, Canvas, outbox


def test_one_good_face_becomes_a_character_and_is_indexed(
    characters: Characters, photos: Photos, canvas: Canvas, index: FaceIndex, database: Database
) -> None:
    asset_id, node_id = record(characters, photos, a_face(), file_name="ada_lovelace.jpg")

    (character,) = people_in(canvas)
    (face,) = faces_of(database, asset_id)
    asset, node = asset_of(database, asset_id), canvas.row(node_id)
    assert (character.name, character.consent_at) == ("Ada lovelace", START)
    assert (face.character_id, face.indexed_at) == (character.id, START)
    assert (asset.state, asset.width, asset.sha256, asset.problem) == ("ready", 1000, asset_id.hex * 2, None)
    assert asset.thumbnail_object == f"{canvas.project_id}/{asset_id}/7/thumbnail.webp"
    assert (node.state, node.status["character_id"]) == ("succeeded", str(character.id))
    assert indexed(index, canvas) == [face.id]
    assert {"target": "worker", "path": "/tasks/delete-original", "body": {"asset_id": str(asset_id)}, "at": None} in outbox(
        database, "tasks"
    )
    assert [event.type for event in canvas.events()][1:] == ["character.created", "asset.ready", "node.status"]


def test_an_analysis_is_committed_once_however_often_it_is_delivered(characters: Characters, photos: Photos, canvas: Canvas) -> None:
    asset_id, _ = photos.upload()
    message = photos.analyzed(asset_id, a_face())

    with ThreadPoolExecutor(4) as threads:
        recorded = list(threads.map(lambda _: characters.record_analysis(message), range(4)))
    rev = canvas.shown()["rev"]

    assert sorted(recorded) == [False, False, False, True]
    assert characters.record_analysis(message) is False
    assert characters.record_analysis(photos.rejected(asset_id)) is False
    assert len(people_in(canvas)) == 1
    assert canvas.shown()["rev"] == rev


def test_an_analysis_of_a_file_that_is_gone_or_of_another_project_is_ignored(
    characters: Characters, photos: Photos, photos_elsewhere: Photos, canvas: Canvas, database: Database
) -> None:
    theirs, _ = photos_elsewhere.upload()
    ours, _ = photos.upload()
    message = photos.analyzed(ours, a_face())
    with database.unit_of_work() as session:
        projects.delete_project(session, canvas.project_id)

    assert characters.record_analysis(photos.analyzed(theirs, a_face())) is False
    assert characters.record_analysis(message) is False
    assert asset_of(database, theirs).state == "pending"


def test_a_rejected_upload_says_why_and_its_original_goes(
    characters: Characters, photos: Photos, canvas: Canvas, database: Database
) -> None:
    asset_id, node_id = photos.upload()

    assert characters.record_analysis(photos.rejected(asset_id)) is True

    asset, node = asset_of(database, asset_id), canvas.row(node_id)
    assert asset.state == "rejected"
    assert asset.problem == {
        "code": "not_an_image",
        "message": "It is a text.",
        "advice": "Upload a photo: JPEG, PNG, WebP or HEIC.",
    }
    assert (node.state, node.status["cause"]) == ("failed", "not_an_image")
    assert [task["path"] for task in outbox(database, "tasks")] == ["/tasks/delete-original"]


def test_without_consent_no_face_is_kept(
    characters: Characters, photos: Photos, canvas: Canvas, index: FaceIndex, database: Database
) -> None:
    asset_id, node_id = record(characters, photos, a_face(), consent=False)

    asset = asset_of(database, asset_id)
    assert faces_of(database, asset_id) == []
    assert people_in(canvas) == []
    assert indexed(index, canvas) == []
    assert asset.state == "ready"
    assert asset.problem is not None
    assert asset.problem["code"] == "consent_missing"
    assert canvas.row(node_id).status["problem"]["code"] == "consent_missing"
    with pytest.raises(Invalid, match="consent"), database.unit_of_work() as session:
        require_one_face(session, asset, [])


def test_the_same_person_in_a_second_photo_is_offered_and_not_merged(
    characters: Characters, photos: Photos, canvas: Canvas, database: Database
) -> None:
    record(characters, photos, a_face())
    (known,) = people_in(canvas)

    second, node_id = record(characters, photos, a_face(photo=0.3))

    (face,) = faces_of(database, second)
    assert [character.id for character in people_in(canvas)] == [known.id]
    assert (face.character_id, face.match_character_id, face.match_verdict) == (None, known.id, "same")
    assert face.match_distance == pytest.approx(0.3)
    offer = {"character_id": str(known.id), "character_name": "Ada", "distance": 0.3, "verdict": "same"}
    assert canvas.row(node_id).status["faces"][0]["match"] == offer
    assert "character_id" not in canvas.row(node_id).status


@pytest.mark.parametrize(("distance", "offered"), [(0.1, "duplicate"), (0.45, "same"), (0.55, "review"), (0.65, None)])
def test_how_near_a_face_is_decides_what_is_offered(
    characters: Characters, photos: Photos, canvas: Canvas, database: Database, distance: float, offered: str | None
) -> None:
    record(characters, photos, a_face())
    second, _ = record(characters, photos, a_face(photo=distance))

    (face,) = faces_of(database, second)

    assert face.match_verdict == offered
    assert len(people_in(canvas)) == (1 if offered else 2)


def test_one_good_face_among_bad_ones_is_taken(characters: Characters, photos: Photos, canvas: Canvas, database: Database) -> None:
    unseen = a_face(3, problems=("face_unclear",), embedding=None)
    asset_id, _ = record(characters, photos, a_face(1, problems=("face_too_small",)), a_face(2), unseen)

    faces = faces_of(database, asset_id)

    assert [face.character_id is not None for face in faces] == [False, True, False]
    assert len(people_in(canvas)) == 1
    with pytest.raises(Invalid) as refused, database.unit_of_work() as session:
        characters.create(session, project_id=canvas.project_id, face_id=faces[2].id, name="Shadow")
    assert refused.value.code == "face_unclear"


@pytest.mark.parametrize(
    ("faces", "code", "message"),
    [
        ([], "face_not_found", "No face was found in this picture."),
        ([a_face(problems=("face_too_small", "face_blurred"))], "face_too_small", "The face is only 60 pixels wide."),
        ([a_face(problems=("face_unclear",), embedding=None)], "face_unclear", "The face cannot be seen well enough."),
    ],
)
def test_a_picture_without_a_good_face_is_a_picture_with_a_problem(
    characters: Characters, photos: Photos, canvas: Canvas, database: Database, faces: list[dict[str, Any]], code: str, message: str
) -> None:
    asset_id, _ = record(characters, photos, *faces)

    asset = asset_of(database, asset_id)
    assert asset.state == "ready"
    assert asset.problem is not None
    assert (asset.problem["code"], asset.problem["message"]) == (code, message)
    assert asset.problem["advice"].endswith(".")
    assert people_in(canvas) == []


def test_a_face_of_another_project_is_never_offered(
    characters: Characters, photos: Photos, photos_elsewhere: Photos, canvas: Canvas, database: Database
) -> None:
    record(characters, photos_elsewhere, a_face())

    ours, _ = record(characters, photos, a_face())

    (face,) = faces_of(database, ours)
    assert face.match_character_id is None
    assert [character.id for character in people_in(canvas)] == [face.character_id]


def test_a_new_person_in_two_photos_at_the_same_moment_is_one_character(characters: Characters, photos: Photos, canvas: Canvas) -> None:
    messages = [photos.analyzed(photos.upload()[0], a_face(photo=distance)) for distance in (0.0, 0.1, 0.2, 0.3)]

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(characters.record_analysis, messages))

    assert len(people_in(canvas)) == 1


def test_faces_of_different_embedders_are_never_compared(characters: Characters, photos: Photos, canvas: Canvas) -> None:
    record(characters, photos, a_face())
    record(characters, photos, a_face(embedder_id="another-one"))

    assert len(people_in(canvas)) == 2


@pytest.mark.parametrize(
    ("file_name", "name"),
    [("ada_lovelace.JPG", "Ada lovelace"), ("photos/grace-hopper.png", "Grace hopper"), (".jpg", "Character"), ("x" * 200, "X" + "x" * 79)],
)
def test_a_character_is_first_called_after_its_file(
    characters: Characters, photos: Photos, canvas: Canvas, file_name: str, name: str
) -> None:
    record(characters, photos, a_face(), file_name=file_name)

    assert [character.name for character in people_in(canvas)] == [name]
