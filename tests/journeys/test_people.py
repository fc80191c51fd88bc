"""Faces become characters: whatever phones upload, whoever is in the picture, and until somebody wants to be forgotten."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from qdrant_client import QdrantClient

from infra.local.person import Refused
from infra.local.supervisor.stack import LocalStack
from services.core.characters.identity import DLIB_RESNET_V1
from tests.journeys.faces import ASTRONAUT, HOPPER, another_photo, heic_of_a_phone, side_by_side
from tests.journeys.support import SMALL, Studio, a_stack, eventually, uploads

COLLECTION = f"faces-{DLIB_RESNET_V1.id}"


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    """A stack without emulators."""
    with a_stack(only=SMALL) as stack:
        yield stack


@pytest.fixture
def studio(stack: LocalStack) -> Studio:
    """A new person's empty project."""
    return Studio.open(stack)


def test_a_heic_photo_becomes_a_character_and_forgets_where_it_was_taken(stack: LocalStack, studio: Studio, tmp_path: Path) -> None:
    node_id = studio.add_picture(heic_of_a_phone(HOPPER, tmp_path / "IMG_0001.heic"), consent=True)

    analysis = _analysis(studio, node_id)
    asset = analysis["asset"]
    assert analysis["face"]["character_id"] == _characters(studio)[0]["id"]
    assert (asset["content_type"], asset["width"], asset["height"]) == ("image/jpeg", 512, 600), "it was not turned upright"
    kept = httpx.get(asset["url"], timeout=30).raise_for_status().content
    (tmp_path / "kept.jpg").write_bytes(kept)
    with Image.open(tmp_path / "kept.jpg") as picture:
        assert not picture.getexif()
    assert b"A phone" not in kept
    eventually(lambda: not uploads(stack, studio.project_id), "the end of the original")


def test_of_two_faces_a_person_picks_one(studio: Studio, tmp_path: Path) -> None:
    node_id = studio.add_picture(side_by_side(ASTRONAUT, HOPPER, tmp_path / "both.jpg"), consent=True)

    with pytest.raises(Refused) as refusal:
        _analysis(studio, node_id)
    problem = refusal.value.problem
    assert (problem["code"], len(problem["faces"]), _characters(studio)) == ("several_faces", 2, [])
    assert studio.person.node(studio.project_id, node_id)["status"]["problem"]["code"] == "several_faces"

    right = max(problem["faces"], key=lambda face: float(face["bbox"]["x"]))
    order = {"project_id": studio.project_id, "face_id": right["id"], "name": "Grace"}
    character = studio.person.call("POST", "/api/characters", body=order)

    decided = {"character_id": character["id"], "character_name": "Grace"}
    assert _analysis(studio, node_id)["face"] == {**right, **decided, "match": None}
    status = studio.person.node(studio.project_id, node_id)["status"]
    assert {name: status[name] for name in decided} == decided
    assert (status["faces"][0]["id"], "problem" in status) == (right["id"], False)


def test_a_picture_without_a_face_is_a_picture(studio: Studio, tmp_path: Path) -> None:
    Image.new("RGB", (640, 360), "teal").save(tmp_path / "sea.png")
    node_id = studio.add_picture(tmp_path / "sea.png", consent=True)

    with pytest.raises(Refused) as refusal:
        _analysis(studio, node_id)

    assert (refusal.value.problem["code"], _characters(studio)) == ("face_not_found", [])
    assert studio.person.node(studio.project_id, node_id)["state"] == "succeeded"


def test_without_consent_no_face_is_kept(studio: Studio) -> None:
    node_id = studio.add_picture(HOPPER, consent=False)

    with pytest.raises(Refused) as refusal:
        _analysis(studio, node_id)

    assert (refusal.value.problem["code"], refusal.value.problem["faces"], _characters(studio)) == ("consent_missing", [], [])


def test_a_second_photo_is_offered_and_then_goes_with_every_generation(stack: LocalStack, studio: Studio, tmp_path: Path) -> None:
    first = studio.add_picture(HOPPER, consent=True)
    (character,) = _characters(studio)

    # The same person again: the character is offered, not assumed.
    second = studio.add_picture(another_photo(HOPPER, tmp_path / "again.jpg"), consent=True)
    face = _analysis(studio, second)["face"]
    assert (face["character_id"], face["match"]["character_id"]) == (None, character["id"])
    assert face["match"]["verdict"] in ("duplicate", "same")
    assert face["match"]["distance"] <= DLIB_RESNET_V1.same

    accepted = studio.person.call("POST", f"/api/characters/{character['id']}/references", body={"face_id": face["id"]})
    assert len(accepted["asset_ids"]) == 2

    # A generation of which only the first picture is a reference sends both.
    video = studio.add_video("She salutes", duration_seconds=8)
    studio.connect(first, "image", video, "references")
    studio.simulator.tell("hold")
    job_id = studio.start(video)
    studio.wait_for_state(job_id, "polling", "failed")
    assert _pictures_at_the_provider(stack, studio, job_id) == 2
    studio.simulator.release()
    assert studio.wait_for_state(job_id, "succeeded", "failed", "blocked")["state"] == "succeeded"


def test_a_deleted_character_is_forgotten_by_the_index_too(stack: LocalStack, studio: Studio) -> None:
    node_id = studio.add_picture(ASTRONAUT, consent=True)
    face_id = _analysis(studio, node_id)["face"]["id"]
    (character,) = _characters(studio)
    index = QdrantClient(url=stack.urls["qdrant"])
    eventually(lambda: index.retrieve(COLLECTION, [face_id]), "the face in the index")

    studio.person.call("DELETE", f"/api/characters/{character['id']}")

    eventually(lambda: not index.retrieve(COLLECTION, [face_id]), "the end of the face in the index")
    assert _characters(studio) == []
    with pytest.raises(Refused) as refusal:
        _analysis(studio, node_id)
    assert refusal.value.problem["code"] == "face_forgotten"
    assert "character_id" not in studio.person.node(studio.project_id, node_id)["status"]


def _analysis(studio: Studio, node_id: str) -> dict[str, Any]:
    """The one good face of a node's picture; Refused where there is not one."""
    asset_id = studio.person.node(studio.project_id, node_id)["config"]["asset_id"]
    analysis: dict[str, Any] = studio.person.call("POST", "/api/ai/analyze-face", body={"asset_id": asset_id})
    return analysis


def _characters(studio: Studio) -> list[dict[str, Any]]:
    characters: list[dict[str, Any]] = studio.person.call("GET", f"/api/characters?project_id={studio.project_id}")
    return characters


def _pictures_at_the_provider(stack: LocalStack, studio: Studio, job_id: str) -> int:
    """How many different pictures the provider took in for a job's operation, while that is under way."""
    operation_id = studio.simulator.journal(job_id)[0]["operation_name"].rpartition("/")[2]
    return len({path.read_bytes() for path in (stack.layout.data("vertex") / "work" / operation_id).glob("*.jpg")})
