"""Pictures from the order to the character, and the addresses by which they are read."""

from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from services.core.accounts.model import IdempotencyKey
from services.core.bootstrap import Container
from services.core.kit.ids import new_id
from services.core.outbox.model import OutboxRow
from services.migrations.tables import METADATA
from tests.services.api.conftest import MovableClock
from tests.services.api.world import MemoryStore, Person, World, a_face


@pytest.fixture
def store(container: Container) -> MemoryStore:
    assert isinstance(container.store, MemoryStore)
    return container.store


@pytest.fixture
def ada(world: World) -> Person:
    return world.person("ada")


@pytest.fixture
def project_id(world: World, ada: Person) -> UUID:
    return world.project(ada)


def tasks(world: World, path: str) -> list[dict[str, str]]:
    with world.container.database.unit_of_work() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.destination == "tasks")).all()
    return [row.payload["body"] for row in rows if row.payload["path"] == path]


def test_an_upload_is_a_session_for_one_file_of_one_page(
    client: TestClient, world: World, store: MemoryStore, ada: Person, project_id: UUID
) -> None:
    node_id = world.node(project_id, ada, "image")
    order = {"project_id": str(project_id), "file_name": "ada.png", "content_type": "image/png", "size_bytes": 10, "node_id": str(node_id)}

    answer = client.post("/api/files/uploads", json=order, headers=ada.once() | {"Origin": "https://canvas.test"})

    assert answer.status_code == 201, answer.text
    asset = answer.json()["asset"]
    assert (asset["state"], asset["kind"], asset["url"], asset["node_id"]) == ("pending", "image", None, str(node_id))
    name = f"{project_id}/{asset['id']}/original"
    assert store.uploads == [{"name": name, "content_type": "image/png", "size_bytes": 10, "origin": "https://canvas.test"}]
    assert f"reelgraph-test-uploads/{name}" in answer.json()["upload_url"]
    node = client.get(f"/api/projects/{project_id}/nodes/{node_id}", headers=ada.headers).json()
    assert (node["state"], node["config"]["asset_id"]) == ("running", asset["id"])


def test_an_upload_that_is_ordered_again_gets_another_session_for_the_same_file(
    client: TestClient, store: MemoryStore, ada: Person, project_id: UUID
) -> None:
    order = {"project_id": str(project_id), "file_name": "ada.png", "content_type": "image/png", "size_bytes": 10}
    headers = ada.once()

    first = client.post("/api/files/uploads", json=order, headers=headers | {"Origin": "https://canvas.test"})
    second = client.post("/api/files/uploads", json=order, headers=headers | {"Origin": "https://canvas.test"})

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.headers["idempotency-replayed"] == "true"
    assert first.json()["asset"] == second.json()["asset"]
    assert first.json()["upload_url"] != second.json()["upload_url"]
    assert store.uploads[0] == store.uploads[1]
    assert len(client.get(f"/api/files?project_id={project_id}", headers=ada.headers).json()) == 1


def test_the_address_of_an_upload_is_kept_nowhere(client: TestClient, world: World, ada: Person, project_id: UUID) -> None:
    order = {"project_id": str(project_id), "file_name": "ada.png", "content_type": "image/png", "size_bytes": 10}
    url = client.post("/api/files/uploads", json=order, headers=ada.once()).json()["upload_url"]

    assert "session=" in url
    with world.container.database.unit_of_work() as session:
        for table in METADATA.sorted_tables:
            assert "session=" not in str(session.execute(select(table)).all()), table.name


def test_an_answer_that_the_release_before_kept_is_repeated_without_its_address(
    client: TestClient, world: World, ada: Person, project_id: UUID
) -> None:
    order = {"project_id": str(project_id), "file_name": "ada.png", "content_type": "image/png", "size_bytes": 10}
    headers = ada.once()
    first = client.post("/api/files/uploads", json=order, headers=headers)
    with world.container.database.unit_of_work() as session:
        session.execute(update(IdempotencyKey).values(response_body=first.text))

    second = client.post("/api/files/uploads", json=order, headers=headers)

    assert second.json()["asset"] == first.json()["asset"]
    assert second.json()["upload_url"] != first.json()["upload_url"]


def test_an_upload_that_is_over_is_not_begun_again_under_its_key(
    client: TestClient, world: World, store: MemoryStore, ada: Person, project_id: UUID
) -> None:
    order = {"project_id": str(project_id), "file_name": "ada.png", "content_type": "image/png", "size_bytes": 10}
    headers = ada.once()
    asset_id = UUID(client.post("/api/files/uploads", json=order, headers=headers).json()["asset"]["id"])
    world.inspected(project_id, asset_id)

    again = client.post("/api/files/uploads", json=order, headers=headers)

    assert (again.status_code, again.json()["code"], again.json()["asset_id"]) == (409, "upload_is_over", str(asset_id))
    assert len(store.uploads) == 1


def test_an_inspected_picture_can_be_read_for_an_hour(client: TestClient, world: World, ada: Person, project_id: UUID) -> None:
    asset_id = world.picture(project_id, ada)

    asset = client.get(f"/api/files/{asset_id}", headers=ada.headers).json()

    assert (asset["state"], asset["width"], asset["height"]) == ("ready", 1024, 768)
    assert asset["url"] == f"https://storage.test/reelgraph-test-media/{project_id}/{asset_id}/image.jpg?lifetime=3600"
    assert asset["thumbnail_url"].endswith("thumbnail.webp?lifetime=3600")
    assert asset["poster_url"] is None
    assert client.get(f"/api/files?project_id={project_id}", headers=ada.headers).json() == [asset]


def test_the_bytes_are_served_by_cloud_storage(client: TestClient, world: World, ada: Person, project_id: UUID) -> None:
    asset_id = world.picture(project_id, ada)

    shown = client.get(f"/api/files/{asset_id}/content", headers=ada.headers, follow_redirects=False)
    kept = client.get(f"/api/files/{asset_id}/content?download=true", headers=ada.headers, follow_redirects=False)

    assert (shown.status_code, kept.status_code) == (307, 307)
    assert shown.headers["location"].endswith("image.jpg?lifetime=3600")
    assert kept.headers["location"].endswith("&as=ada.jpg")


def test_a_file_that_is_not_there_yet_cannot_be_read(client: TestClient, world: World, ada: Person, project_id: UUID) -> None:
    asset_id = world.upload(project_id, ada)

    answer = client.get(f"/api/files/{asset_id}/content", headers=ada.headers, follow_redirects=False)

    assert (answer.status_code, answer.json()["code"]) == (409, "file_not_ready")


def test_an_inspection_whose_event_was_lost_is_started_again_after_a_minute_and_once_a_minute(
    client: TestClient, world: World, ada: Person, project_id: UUID, clock: MovableClock
) -> None:
    asset_id = world.upload(project_id, ada)
    names = []
    for seconds in (0, 59, 1, 30, 30):
        clock.advance(seconds=seconds)
        answer = client.post("/api/ai/analyze-face", json={"asset_id": str(asset_id)}, headers=ada.headers)
        assert answer.status_code == 202
        with world.container.database.unit_of_work() as session:
            rows = session.scalars(select(OutboxRow).where(OutboxRow.destination == "tasks").order_by(OutboxRow.created_at)).all()
        names.append([row.payload.get("name") for row in rows])

    first, second = (f"inspect-again-{asset_id}-{minute}" for minute in (1, 2))
    # Cloud Tasks runs tasks of one name once.
    assert names == [[], [], [first], [first, first], [first, first, second]]


# Characters


def test_a_good_face_becomes_a_character_by_itself(client: TestClient, world: World, ada: Person, project_id: UUID) -> None:
    node_id = world.node(project_id, ada, "image")
    asset_id = world.inspected(project_id, world.upload(project_id, ada, node_id=node_id), a_face())

    analysis = client.post("/api/ai/analyze-face", json={"asset_id": str(asset_id)}, headers=ada.headers)
    (character,) = client.get(f"/api/characters?project_id={project_id}", headers=ada.headers).json()

    assert analysis.status_code == 200, analysis.text
    assert analysis.json()["face"]["character_id"] == character["id"]
    assert (character["name"], character["asset_ids"]) == ("Ada", [str(asset_id)])
    assert "embedding" not in analysis.text
    assert client.get(f"/api/characters/{character['id']}", headers=ada.headers).json() == character


def test_a_face_that_seems_known_is_offered_and_taken(
    client: TestClient, world: World, ada: Person, project_id: UUID, clock: MovableClock
) -> None:
    first = world.inspected(project_id, world.upload(project_id, ada), a_face())
    clock.advance(seconds=1)
    second = world.inspected(project_id, world.upload(project_id, ada), a_face())
    (character,) = client.get(f"/api/characters?project_id={project_id}", headers=ada.headers).json()

    offered = client.post("/api/ai/analyze-face", json={"asset_id": str(second)}, headers=ada.headers).json()["face"]
    assert offered["character_id"] is None
    assert offered["match"] == {"character_id": character["id"], "character_name": "Ada", "distance": 0.0, "verdict": "duplicate"}

    taken = client.post(f"/api/characters/{character['id']}/references", json={"face_id": offered["id"]}, headers=ada.headers)
    assert (taken.status_code, taken.json()["asset_ids"]) == (201, [str(first), str(second)])


def test_one_of_several_faces_is_picked_named_and_renamed(client: TestClient, world: World, ada: Person, project_id: UUID) -> None:
    asset_id = world.inspected(project_id, world.upload(project_id, ada), a_face(), a_face())
    refused = client.post("/api/ai/analyze-face", json={"asset_id": str(asset_id)}, headers=ada.headers).json()
    face_id = refused["faces"][1]["id"]

    order = {"project_id": str(project_id), "face_id": face_id, "name": "Grace"}
    created = client.post("/api/characters", json=order, headers=ada.headers)

    assert (created.status_code, created.json()["name"]) == (201, "Grace")
    assert [face["id"] for face in created.json()["faces"]] == [face_id]
    analysis = client.post("/api/ai/analyze-face", json={"asset_id": str(asset_id)}, headers=ada.headers)
    assert (analysis.status_code, analysis.json()["face"]["id"]) == (200, face_id)
    renamed = client.patch(f"/api/characters/{created.json()['id']}", json={"name": "Hopper"}, headers=ada.headers)
    assert renamed.json()["name"] == "Hopper"


def test_a_deleted_character_leaves_nothing_of_its_faces(client: TestClient, world: World, ada: Person, project_id: UUID) -> None:
    asset_id = world.inspected(project_id, world.upload(project_id, ada), a_face())
    (character,) = client.get(f"/api/characters?project_id={project_id}", headers=ada.headers).json()

    assert client.delete(f"/api/characters/{character['id']}", headers=ada.headers).status_code == 204

    assert client.get(f"/api/characters/{character['id']}", headers=ada.headers).json()["code"] == "character_not_found"
    assert tasks(world, "/tasks/forget-face") == [{"face_id": character["faces"][0]["id"]}]
    assert client.get(f"/api/files/{asset_id}", headers=ada.headers).json()["state"] == "ready"


def test_a_face_that_does_not_exist_makes_no_character(client: TestClient, ada: Person, project_id: UUID) -> None:
    order = {"project_id": str(project_id), "face_id": str(new_id()), "name": "Nobody"}

    assert client.post("/api/characters", json=order, headers=ada.headers).json()["code"] == "face_not_found"
