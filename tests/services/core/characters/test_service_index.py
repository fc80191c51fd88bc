"""The index of faces is a copy: it may be behind or gone, and it forgets when asked."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from infra.local.qdrant.process import QdrantProcess
from services.core.characters.index import FaceIndex
from services.core.characters.model import Face
from services.core.characters.service import Characters, require_one_face
from services.core.kit.database import Database
from services.core.kit.errors import Invalid
from services.core.kit.ids import new_id
from tests.services.core.characters.people import Photos, a_face, asset_of, embedding_of, faces_of, indexed, people_in, record
from tests.services.core.projects.canvas import Canvas, clear_outbox, outbox


def test_a_forgotten_person_leaves_no_embedding_behind(
    characters: Characters, photos: Photos, canvas: Canvas, index: FaceIndex, database: Database
) -> None:
    first, node_id = record(characters, photos, a_face())
    other, _ = record(characters, photos, a_face(2))
    (gone,) = faces_of(database, first)
    assert gone.character_id is not None
    clear_outbox(database)

    with database.unit_of_work() as session:
        characters.delete(session, project_id=canvas.project_id, character_id=gone.character_id)

    with database.unit_of_work() as session:
        assert session.get(Face, gone.id) is None
    assert [character.name for character in people_in(canvas)] == ["Ada"]
    assert (canvas.row(node_id).state, canvas.row(node_id).status) == ("succeeded", {"asset_id": str(first)})
    (task,) = outbox(database, "tasks")
    assert (task["path"], task["body"]) == ("/tasks/forget-face", {"face_id": str(gone.id)})
    characters.forget_face(gone.id)
    assert indexed(index, canvas) == [faces_of(database, other)[0].id]
    assert canvas.events()[-1].type == "character.deleted"
    with pytest.raises(Invalid, match="was forgotten"), database.unit_of_work() as session:
        require_one_face(session, asset_of(database, first), [])


def test_a_forgotten_person_is_not_offered_even_before_the_index_has_heard(
    characters: Characters, photos: Photos, canvas: Canvas, database: Database
) -> None:
    record(characters, photos, a_face())
    (known,) = people_in(canvas)
    with database.unit_of_work() as session:
        characters.delete(session, project_id=canvas.project_id, character_id=known.id)

    second, _ = record(characters, photos, a_face())

    (face,) = faces_of(database, second)
    assert face.match_character_id is None
    assert len(people_in(canvas)) == 1


def test_a_face_forgotten_while_it_is_indexed_is_removed_again(
    characters: Characters, photos: Photos, canvas: Canvas, index: FaceIndex, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset_id, _ = record(characters, photos, a_face())
    (face,) = faces_of(database, asset_id)
    character_id = face.character_id
    assert character_id is not None
    with database.unit_of_work() as session:
        session.get_one(Face, face.id).indexed_at = None
    clear_outbox(database)
    write = index.upsert

    def forgotten_meanwhile(*row: Any) -> None:
        with database.unit_of_work() as session:
            characters.delete(session, project_id=canvas.project_id, character_id=character_id)
        characters.forget_face(face.id)
        clear_outbox(database)
        write(*row)

    monkeypatch.setattr(index, "upsert", forgotten_meanwhile)
    characters.index_new_faces()

    assert indexed(index, canvas) == [face.id]  # it did come back
    (task,) = outbox(database, "tasks")
    assert (task["path"], task["body"]) == ("/tasks/forget-face", {"face_id": str(face.id)})


def test_a_forgotten_project_has_no_face_in_the_index(characters: Characters, photos: Photos, canvas: Canvas, index: FaceIndex) -> None:
    record(characters, photos, a_face())
    assert len(indexed(index, canvas)) == 1

    characters.forget_project(canvas.project_id)

    assert indexed(index, canvas) == []


def test_the_index_is_made_anew_from_postgres(
    characters: Characters, photos: Photos, canvas: Canvas, index: FaceIndex, database: Database
) -> None:
    asset_id, _ = record(characters, photos, a_face())
    record(characters, photos, a_face(photo=0.3))  # offered, not assigned: never searched for
    index.rebuild([])
    index.upsert(new_id(), embedding_of(9), canvas.project_id, new_id())

    assert characters.rebuild_index() == 1

    assert indexed(index, canvas) == [faces_of(database, asset_id)[0].id]


def test_a_face_that_arrives_while_the_index_is_made_anew_stays(
    characters: Characters, photos: Photos, canvas: Canvas, index: FaceIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = index._indexed_ids

    def arrives_meanwhile() -> Iterator[UUID]:
        record(characters, photos, a_face())
        return look()

    monkeypatch.setattr(index, "_indexed_ids", arrives_meanwhile)

    assert characters.rebuild_index() == 1
    assert len(indexed(index, canvas)) == 1


def test_while_the_index_is_down_postgres_answers_and_it_catches_up_later(
    characters: Characters, photos: Photos, canvas: Canvas, index: FaceIndex, qdrant: QdrantProcess, database: Database
) -> None:
    record(characters, photos, a_face())
    (known,) = people_in(canvas)
    qdrant.kill()
    try:
        same, _ = record(characters, photos, a_face(photo=0.3))
        new, _ = record(characters, photos, a_face(2))
        (offered,), (unindexed,) = faces_of(database, same), faces_of(database, new)
        assert offered.match_character_id == known.id
        assert unindexed.character_id is not None
        assert unindexed.indexed_at is None
        assert characters.index_new_faces() == 0
    finally:
        qdrant.start()

    assert characters.index_new_faces() == 1
    assert characters.index_new_faces() == 0
    assert unindexed.id in indexed(index, canvas)


def test_a_face_that_the_index_has_not_taken_yet_is_compared_all_the_same(
    characters: Characters, photos: Photos, canvas: Canvas, index: FaceIndex, database: Database
) -> None:
    asset_id, _ = record(characters, photos, a_face())
    with database.unit_of_work() as session:
        session.get_one(Face, faces_of(database, asset_id)[0].id).indexed_at = None
    index.rebuild([])

    second, _ = record(characters, photos, a_face(photo=0.3))

    assert faces_of(database, second)[0].match_verdict == "same"
    assert len(people_in(canvas)) == 1
