"""People decide who is in a picture: taking an offer, refusing it, picking one face of several."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from services.core.characters import service
from services.core.characters.index import FaceIndex
from services.core.characters.service import Characters, reference_assets, require_one_face
from services.core.kit.database import Database
from services.core.kit.errors import Conflict, Invalid, NotFound
from services.core.outbox.rows import add_task
from services.core.projects.operations import Position, UpdateNode
from services.core.projects.pictures import shown_faces
from services.core.projects.repository import get_node
from services.core.projects.status import set_status
from tests.services.core.characters.people import Photos, a_face, asset_of, faces_of, indexed, people_in, record
from tests.services.core.projects.canvas import START, Canvas, clear_outbox, outbox


def test_taking_the_offer_makes_the_picture_a_reference(
    characters: Characters, photos: Photos, canvas: Canvas, index: FaceIndex, database: Database
) -> None:
    first, _ = record(characters, photos, a_face())
    (known,) = people_in(canvas)
    second, node_id = record(characters, photos, a_face(photo=0.3))
    (face,) = faces_of(database, second)
    with database.unit_of_work() as session:
        assert reference_assets(session, first) == []
        clear_outbox(database)
        for _ in range(2):  # a second click changes nothing
            characters.assign(session, project_id=canvas.project_id, character_id=known.id, face_id=face.id)

    with database.unit_of_work() as session:
        assert [asset.id for asset in reference_assets(session, first)] == [second]
        assert [asset.id for asset in reference_assets(session, second)] == [first]
        decided = service.get_face(session, canvas.project_id, face.id)
    assert len(people_in(canvas)) == 1
    assert canvas.row(node_id).status["character_id"] == str(known.id)
    assert decided.character_id == known.id
    assert "match" not in canvas.row(node_id).status["faces"][0]
    assert {task["path"] for task in outbox(database, "tasks")} == {"/tasks/index-faces"}
    assert characters.index_new_faces(asset_id=second) == 1
    assert set(indexed(index, canvas)) == {face.id, faces_of(database, first)[0].id}


def test_a_person_may_say_that_it_is_somebody_new_although_one_is_offered(
    characters: Characters, photos: Photos, canvas: Canvas, database: Database
) -> None:
    record(characters, photos, a_face())
    (known,) = people_in(canvas)
    second, node_id = record(characters, photos, a_face(photo=0.3))
    (face,) = faces_of(database, second)

    with database.unit_of_work() as session:
        twin = characters.create(session, project_id=canvas.project_id, face_id=face.id, name="Twin")
    with database.unit_of_work() as session:  # clicked twice: still one twin, under the name given last
        again = characters.create(session, project_id=canvas.project_id, face_id=face.id, name="The twin")

    assert again.id == twin.id != known.id
    assert {(character.id, character.name) for character in people_in(canvas)} == {(known.id, "Ada"), (twin.id, "The twin")}
    assert canvas.row(node_id).status["character_id"] == str(twin.id)
    with pytest.raises(Conflict, match="another character already"), database.unit_of_work() as session:
        characters.assign(session, project_id=canvas.project_id, character_id=known.id, face_id=face.id)


def test_a_reference_that_was_wrong_becomes_somebody_of_its_own(
    characters: Characters, photos: Photos, canvas: Canvas, database: Database
) -> None:
    first, _ = record(characters, photos, a_face())
    (known,) = people_in(canvas)
    second, _ = record(characters, photos, a_face(photo=0.3))
    (face,) = faces_of(database, second)
    with database.unit_of_work() as session:
        characters.assign(session, project_id=canvas.project_id, character_id=known.id, face_id=face.id)

    with database.unit_of_work() as session:
        other = characters.create(session, project_id=canvas.project_id, face_id=face.id, name="Somebody else")

    with database.unit_of_work() as session:
        assert [face.asset_id for face in service.list_faces(session, character_ids=[known.id])] == [first]
        assert [face.asset_id for face in service.list_faces(session, character_ids=[other.id])] == [second]


def test_two_good_faces_are_a_problem_with_the_choices(characters: Characters, photos: Photos, canvas: Canvas, database: Database) -> None:
    asset_id, node_id = record(characters, photos, a_face(1), a_face(2))
    asset, faces = asset_of(database, asset_id), faces_of(database, asset_id)

    with pytest.raises(Invalid) as refused, database.unit_of_work() as session:
        require_one_face(session, asset, faces)

    assert (refused.value.code, refused.value.message) == ("several_faces", "2 faces are in this picture.")
    assert [choice["id"] for choice in refused.value.facts["faces"]] == [str(face.id) for face in faces]  # type: ignore[attr-defined]  # JSON
    assert "embedding" not in str(refused.value.facts)
    assert people_in(canvas) == []
    assert canvas.row(node_id).status["problem"]["code"] == "several_faces"

    with database.unit_of_work() as session:
        picked = characters.create(session, project_id=canvas.project_id, face_id=faces[1].id, name="Ben")
    asset, faces = asset_of(database, asset_id), faces_of(database, asset_id)
    assert asset.problem is None
    with database.unit_of_work() as session:
        assert require_one_face(session, asset, faces).character_id == picked.id


def test_faces_and_characters_of_another_project_cannot_be_reached(
    characters: Characters, photos: Photos, photos_elsewhere: Photos, canvas: Canvas, database: Database
) -> None:
    theirs, _ = record(characters, photos_elsewhere, a_face())
    ours, _ = record(characters, photos, a_face(2))
    their_face, our_face = faces_of(database, theirs)[0], faces_of(database, ours)[0]
    their_character = people_in(photos_elsewhere.canvas)[0]
    project_id = canvas.project_id

    with database.unit_of_work() as session:
        with pytest.raises(NotFound, match="There is no face"):
            characters.create(session, project_id=project_id, face_id=their_face.id, name="Stolen")
        with pytest.raises(NotFound, match="There is no character"):
            characters.assign(session, project_id=project_id, character_id=their_character.id, face_id=our_face.id)
        with pytest.raises(NotFound, match="There is no character"):
            characters.delete(session, project_id=project_id, character_id=their_character.id)

    assert [character.id for character in people_in(photos_elsewhere.canvas)] == [their_character.id]


def test_the_best_reference_comes_first(characters: Characters, photos: Photos, canvas: Canvas, database: Database) -> None:
    first, _ = record(characters, photos, a_face())
    (known,) = people_in(canvas)
    scores = {0.1: 0.6, 0.2: 0.9, 0.3: 0.7}
    ids = {}
    for photo, score in scores.items():
        face = a_face(photo=photo)
        face["quality"]["score"] = score
        ids[score], _ = record(characters, photos, face)
        with database.unit_of_work() as session:
            characters.assign(session, project_id=canvas.project_id, character_id=known.id, face_id=faces_of(database, ids[score])[0].id)

    with database.unit_of_work() as session:
        assert [asset.id for asset in reference_assets(session, first)] == [ids[0.9], ids[0.7], ids[0.6]]


def test_a_faces_document_has_no_embedding(characters: Characters, photos: Photos, database: Database) -> None:
    asset_id, _ = record(characters, photos, a_face())

    with database.unit_of_work() as session:
        document = shown_faces(session, asset_id=asset_id)[0].document()

    assert set(document) == {"id", "bbox", "quality", "character_id", "character_name"}
    assert document["quality"]["detection_score"] == 0.95


def test_a_task_told_within_a_decision_goes_with_it(characters: Characters, photos: Photos, canvas: Canvas, database: Database) -> None:
    """A decision that is rolled back leaves the face undecided and nothing told."""
    asset_id, _ = record(characters, photos, a_face(1), a_face(2))
    clear_outbox(database)
    with database.unit_of_work() as session:
        add_task(session, "/tasks/admit", {})
        characters.create(session, project_id=canvas.project_id, face_id=faces_of(database, asset_id)[0].id, name="Ada")
        session.rollback()

    assert people_in(canvas) == []
    assert outbox(database, "tasks") == []


def test_decisions_and_edits_of_the_same_node_do_not_block_each_other(
    characters: Characters, photos: Photos, canvas: Canvas, database: Database
) -> None:
    record(characters, photos, a_face())
    (known,) = people_in(canvas)
    second, node_id = record(characters, photos, a_face(photo=0.3))
    (face,) = faces_of(database, second)

    def decide(turn: int) -> None:
        with database.unit_of_work() as session:
            characters.assign(session, project_id=canvas.project_id, character_id=known.id, face_id=face.id)
            set_status(session, get_node(session, canvas.project_id, node_id, lock=True), "succeeded", {"turn": turn}, now=START)

    def edit(turn: int) -> None:
        canvas.apply(UpdateNode(node_id=node_id, position=Position(x=turn, y=0)))

    with ThreadPoolExecutor(8) as threads:
        work = [threads.submit(do, turn) for turn in range(8) for do in (decide, edit)]
        for each in work:
            each.result()

    assert canvas.row(node_id).position_x in range(8)
