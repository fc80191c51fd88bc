"""What an image node shows of the people in its picture, and that it keeps up with every decision about them."""

from typing import Any
from uuid import UUID

import jsonschema_rs
import pytest

from services.core.characters.service import Characters, get_character
from services.core.kit.database import Database
from services.core.kit.errors import Invalid
from services.core.projects.operations import CreateNode, UpdateNode
from services.core.projects.pictures import PictureStatus
from tests.services.core.characters.people import Photos, a_face, faces_of, people_in, record
from tests.services.core.projects.canvas import Canvas

CONTRACT = jsonschema_rs.validator_for(PictureStatus.model_json_schema())


def shown(canvas: Canvas, node_id: UUID) -> dict[str, Any]:
    """The node's status, which is as the contract says, and the same as the log's last word on it."""
    row = canvas.row(node_id)
    CONTRACT.validate(row.status)
    told = [event.payload for event in canvas.events() if event.type == "node.status" and event.payload["node_id"] == str(node_id)]
    if told:
        assert told[-1]["status"] == row.status
    return row.status


def test_a_picture_of_one_person_shows_the_face_its_quality_and_the_character(
    characters: Characters, photos: Photos, canvas: Canvas, database: Database
) -> None:
    asset_id, node_id = record(characters, photos, a_face())
    (ada,), (face,) = people_in(canvas), faces_of(database, asset_id)

    status = shown(canvas, node_id)

    assert canvas.row(node_id).state == "succeeded"
    assert status == {
        "asset_id": str(asset_id),
        "character_id": str(ada.id),
        "character_name": "Ada",
        "faces": [
            {
                "id": str(face.id),
                "bbox": {"x": 0.4, "y": 0.1, "width": 0.2, "height": 0.3},
                "quality": {"score": 0.9, "width_px": 300, "problems": [], "warnings": [], "detection_score": 0.95},
                "character_id": str(ada.id),
                "character_name": "Ada",
            }
        ],
    }


def test_while_it_is_inspected_the_node_says_so_and_shows_nobody(photos: Photos, canvas: Canvas) -> None:
    asset_id, node_id = photos.upload()

    assert shown(canvas, node_id) == {"asset_id": str(asset_id), "stage": "inspecting"}
    assert canvas.row(node_id).state == "running"


def test_a_picture_without_a_face_says_what_is_missing(characters: Characters, photos: Photos, canvas: Canvas) -> None:
    asset_id, node_id = record(characters, photos)

    status = shown(canvas, node_id)

    assert (status["asset_id"], status["problem"]["code"], canvas.row(node_id).state) == (str(asset_id), "face_not_found", "succeeded")
    assert "faces" not in status


def test_a_rejected_upload_shows_why(characters: Characters, photos: Photos, canvas: Canvas) -> None:
    asset_id, node_id = photos.upload()
    characters.record_analysis(photos.rejected(asset_id))

    status = shown(canvas, node_id)

    assert canvas.row(node_id).state == "failed"
    assert (status["cause"], status["code"], status["message"]) == ("not_an_image", "not_an_image", "It is a text.")
    assert status["advice"]


def test_an_offer_names_the_character_until_it_is_taken(characters: Characters, photos: Photos, canvas: Canvas, database: Database) -> None:
    record(characters, photos, a_face())
    (ada,) = people_in(canvas)
    second, node_id = record(characters, photos, a_face(photo=0.3))
    (offered,) = shown(canvas, node_id)["faces"]
    assert offered["match"] == {"character_id": str(ada.id), "character_name": "Ada", "distance": 0.3, "verdict": "same"}
    assert (offered["character_id"], offered["character_name"]) == (None, None)

    with database.unit_of_work() as session:
        characters.assign(session, project_id=canvas.project_id, character_id=ada.id, face_id=faces_of(database, second)[0].id)

    status = shown(canvas, node_id)
    assert (status["character_id"], status["character_name"]) == (str(ada.id), "Ada")
    assert "match" not in status["faces"][0]


def test_the_face_that_counts_comes_first_whatever_its_size(
    characters: Characters, photos: Photos, canvas: Canvas, database: Database
) -> None:
    asset_id, node_id = record(characters, photos, a_face(1, problems=("face_blurred",)), a_face(2))
    large, small = faces_of(database, asset_id)

    assert [face["id"] for face in shown(canvas, node_id)["faces"]] == [str(small.id), str(large.id)]
    assert shown(canvas, node_id)["character_name"] == "Ada"


def test_one_picked_out_of_several_is_shown_before_the_others(
    characters: Characters, photos: Photos, canvas: Canvas, database: Database
) -> None:
    asset_id, node_id = record(characters, photos, a_face(1), a_face(2))
    first, second = faces_of(database, asset_id)
    assert shown(canvas, node_id)["problem"]["code"] == "several_faces"

    with database.unit_of_work() as session:
        characters.create(session, project_id=canvas.project_id, face_id=second.id, name="Ben")

    status = shown(canvas, node_id)
    assert [face["id"] for face in status["faces"]] == [str(second.id), str(first.id)]
    assert (status["character_name"], "problem" in status) == ("Ben", False)


@pytest.mark.parametrize("way", ["renamed", "created anew"])
def test_a_new_name_is_shown_wherever_the_character_is_named(
    characters: Characters, photos: Photos, canvas: Canvas, database: Database, way: str
) -> None:
    own_id, own = record(characters, photos, a_face())
    _, offering = record(characters, photos, a_face(photo=0.3))
    _, other = record(characters, photos, a_face(2), file_name="ben.jpg")
    ada = next(character for character in people_in(canvas) if character.name == "Ada")
    before = shown(canvas, other)

    with database.unit_of_work() as session:
        if way == "renamed":
            characters.rename(session, get_character(session, canvas.project_id, ada.id), name="Grace", actor_id=canvas.owner_id)
        else:
            characters.create(session, project_id=canvas.project_id, face_id=faces_of(database, own_id)[0].id, name="Grace")

    assert shown(canvas, own)["character_name"] == "Grace"
    assert shown(canvas, own)["faces"][0]["character_name"] == "Grace"
    assert shown(canvas, offering)["faces"][0]["match"]["character_name"] == "Grace"
    assert shown(canvas, other) == before


def test_a_forgotten_character_is_named_nowhere(characters: Characters, photos: Photos, canvas: Canvas, database: Database) -> None:
    own_id, own = record(characters, photos, a_face())
    _, offering = record(characters, photos, a_face(photo=0.3))
    (ada,) = people_in(canvas)

    with database.unit_of_work() as session:
        characters.delete(session, project_id=canvas.project_id, character_id=ada.id)

    assert shown(canvas, own) == {"asset_id": str(own_id)}
    (face,) = shown(canvas, offering)["faces"]
    assert (face["character_id"], "match" in face) == (None, False)
    assert "Ada" not in str((shown(canvas, own), shown(canvas, offering)))


def test_a_node_that_comes_to_show_a_known_picture_shows_all_of_it(characters: Characters, photos: Photos, canvas: Canvas) -> None:
    asset_id, node_id = record(characters, photos, a_face())
    expected = shown(canvas, node_id)
    pasted = CreateNode(type="image", config={"asset_id": str(asset_id)})
    canvas.apply(pasted)
    changed = canvas.node("image")
    canvas.apply(UpdateNode(node_id=changed, config={"asset_id": str(asset_id)}))
    canvas.apply(UpdateNode(node_id=node_id, config={"asset_id": None}))
    assert (canvas.row(node_id).state, canvas.row(node_id).status) == ("idle", {})
    canvas.apply(UpdateNode(node_id=node_id, config={"asset_id": str(asset_id)}))  # undo

    for known in (pasted.node_id, changed, node_id):
        assert (canvas.row(known).state, shown(canvas, known)) == ("succeeded", expected)


def test_a_picture_of_another_project_shows_nobody(characters: Characters, photos_elsewhere: Photos, canvas: Canvas) -> None:
    theirs, _ = record(characters, photos_elsewhere, a_face())

    with pytest.raises(Invalid) as refused:
        canvas.node("image", asset_id=str(theirs))

    assert refused.value.code == "picture_not_found"
