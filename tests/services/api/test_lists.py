"""What lists say of projects, files and takes, and how long ones come page by page."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, update

from services.core.assets.model import Asset
from services.core.jobs.model import Take
from services.core.kit.ids import new_id
from services.core.projects.node_types import VideoConfig
from tests.services.api.conftest import MovableClock
from tests.services.api.world import Person, Studio, World, a_face

SIGNED_MEDIA = "https://storage.test/reelgraph-test-media"


@pytest.fixture
def ada(world: World) -> Person:
    return world.person("ada")


@pytest.fixture
def studio(world: World) -> Studio:
    return world.studio()


@contextmanager
def counted_statements(world: World) -> Iterator[list[str]]:
    """The statements that reach the database meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    engine = world.container.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


# Projects


def test_a_project_is_known_by_its_newest_take_and_before_that_by_its_newest_picture(
    client: TestClient, world: World, ada: Person, clock: MovableClock
) -> None:
    project_id = world.project(ada)

    def shown() -> str | None:
        (listed,) = client.get("/api/projects", headers=ada.headers).json()
        opened = client.get(f"/api/projects/{project_id}", headers=ada.headers).json()
        assert opened["thumbnail_url"] == listed["thumbnail_url"]
        thumbnail: str | None = listed["thumbnail_url"]
        return thumbnail

    assert shown() is None
    world.upload(project_id, ada)
    assert shown() is None  # it is not inspected yet
    for _ in range(2):
        clock.advance(seconds=1)
        picture_id = world.picture(project_id, ada)
    assert shown() == f"{SIGNED_MEDIA}/{project_id}/{picture_id}/thumbnail.webp?lifetime=3600"

    _, job_id = world.run(project_id, ada, world.node(project_id, ada, "video", prompt="a fox"))
    for _ in range(2):
        clock.advance(seconds=1)
        take_id = world.take(project_id, job_id)
    world.picture(project_id, ada)
    with world.container.database.unit_of_work() as session:
        asset_id = session.get_one(Take, take_id).asset_id
    assert shown() == f"{SIGNED_MEDIA}/{project_id}/{job_id}/{asset_id}/thumbnail.webp?lifetime=3600"


def test_a_project_counts_the_nodes_on_its_canvas(client: TestClient, studio: Studio) -> None:
    (listed,) = client.get("/api/projects", headers=studio.viewer.headers).json()

    assert listed["node_count"] == 4  # one more was deleted
    assert client.get(f"/api/projects/{studio.project_id}", headers=studio.viewer.headers).json()["node_count"] == 4


def test_many_projects_are_listed_with_as_many_queries_as_one(client: TestClient, world: World, ada: Person) -> None:
    counts = []
    for many in (1, 9):
        for _ in range(many):
            project_id = world.project(ada)
            world.picture(project_id, ada)
            world.node(project_id, ada, "prompt")
        with counted_statements(world) as statements:
            listed = client.get("/api/projects", headers=ada.headers).json()
        counts.append(len(statements))
        assert all(project["thumbnail_url"] and project["node_count"] == 1 for project in listed)

    assert len(listed) == 10
    assert counts[0] == counts[1]


def test_many_characters_are_listed_with_as_many_queries_as_one(client: TestClient, world: World, ada: Person) -> None:
    project_id = world.project(ada)
    url = f"/api/characters?project_id={project_id}"
    counts, people = [], 0
    for many in (1, 4):
        for _ in range(many):
            people += 1
            world.inspected(project_id, world.upload(project_id, ada), a_face(embedding=[float(people)] * 128))
        with counted_statements(world) as statements:
            listed = client.get(url, headers=ada.headers).json()
        counts.append(len(statements))
        assert len(listed) == people

    assert counts[0] == counts[1]
    assert [character["faces"][0]["character_id"] for character in listed] == [character["id"] for character in listed]
    assert len({asset_id for character in listed for asset_id in character["asset_ids"]}) == people


def test_a_viewer_sees_the_money(client: TestClient, studio: Studio) -> None:
    url = f"/api/projects/{studio.project_id}"

    money = client.get(f"{url}/money", headers=studio.viewer.headers)

    assert money.status_code == 200
    assert money.json() == client.get(url, headers=studio.viewer.headers).json()["money"]
    assert money.json()["reserved_microusd"] == 3_200_000


# What a take was made from


def test_a_take_says_what_was_asked_for(client: TestClient, world: World, ada: Person) -> None:
    project_id = world.project(ada)
    asked = {"prompt": "a fox", "negative_prompt": "text", "seed": 7, "resolution": "720p", "duration_seconds": 4, "aspect_ratio": "9:16"}
    node_id = world.node(project_id, ada, "video", model="veo-3.1-fast-generate-001", **asked)
    world.take(project_id, world.run(project_id, ada, node_id)[1])

    (take,) = client.get(f"/api/projects/{project_id}/takes", headers=ada.headers).json()

    assert {name: take[name] for name in asked} == asked
    assert take["model"] == "veo-3.1-fast-generate-001"
    assert set(asked) <= set(VideoConfig.model_fields)


@pytest.mark.parametrize(
    ("manifest", "model"),
    [
        ({}, None),
        ({"model": "veo-2", "request": None}, "veo-2"),
        ({"model": "veo-2", "request": {"prompt": ["a"], "seed": "seven", "resolution": 720, "duration_seconds": "short"}}, "veo-2"),
    ],
)
def test_a_take_of_an_older_manifest_says_what_it_can(
    client: TestClient, world: World, studio: Studio, clock: MovableClock, manifest: dict[str, object], model: str | None
) -> None:
    clock.advance(seconds=1)
    world.take(studio.project_id, studio.failed_job_id, manifest=manifest)

    newest, *_ = client.get(f"/api/projects/{studio.project_id}/takes", headers=studio.viewer.headers).json()

    names = ("model", "prompt", "negative_prompt", "seed", "resolution", "duration_seconds", "aspect_ratio")
    assert [newest[name] for name in names] == [model, None, None, None, None, None, None]


# Page by page


def add_files(world: World, studio: Studio, clock: MovableClock) -> str:
    """Files of which several are of one time."""
    for number in range(7):
        if number % 3 == 0:
            clock.advance(seconds=1)
        world.upload(studio.project_id, studio.owner)
    return f"/api/files?project_id={studio.project_id}"


def add_takes(world: World, studio: Studio, clock: MovableClock) -> str:
    for number in range(7):
        if number % 3 == 0:
            clock.advance(seconds=1)
        world.take(studio.project_id, studio.failed_job_id)
    return f"/api/projects/{studio.project_id}/takes?x=1"


def add_node_takes(world: World, studio: Studio, clock: MovableClock) -> str:
    add_takes(world, studio, clock)
    return f"/api/projects/{studio.project_id}/nodes/{studio.loose_id}/takes?x=1"


LISTS = pytest.mark.parametrize("add", [add_files, add_takes, add_node_takes])


@LISTS
@pytest.mark.parametrize("limit", [1, 2, 3, 1000])
def test_pages_joined_are_the_whole_list_newest_first(
    client: TestClient, world: World, studio: Studio, clock: MovableClock, add: Any, limit: int
) -> None:
    url, headers = add(world, studio, clock), studio.viewer.headers
    whole = client.get(url, headers=headers).json()

    joined: list[dict[str, Any]] = []
    page = client.get(f"{url}&limit={limit}", headers=headers).json()
    while page:
        assert len(page) <= limit
        joined += page
        page = client.get(f"{url}&limit={limit}&before={joined[-1]['id']}", headers=headers).json()

    assert len(whole) >= 8
    assert joined == whole
    assert [entry["created_at"] for entry in whole] == sorted((entry["created_at"] for entry in whole), reverse=True)


@LISTS
def test_what_is_added_while_somebody_turns_pages_shifts_none_of_them(
    client: TestClient, world: World, studio: Studio, clock: MovableClock, add: Any
) -> None:
    url, headers = add(world, studio, clock), studio.viewer.headers
    whole = client.get(url, headers=headers).json()
    first = client.get(f"{url}&limit=3", headers=headers).json()

    add(world, studio, clock)

    rest = client.get(f"{url}&before={first[-1]['id']}", headers=headers).json()
    assert [entry["id"] for entry in first + rest] == [entry["id"] for entry in whole]


@LISTS
def test_a_page_after_something_that_is_not_in_the_list_is_refused(
    client: TestClient, world: World, studio: Studio, clock: MovableClock, add: Any
) -> None:
    url, headers = add(world, studio, clock), studio.viewer.headers
    elsewhere = world.studio()

    for stranger in (new_id(), elsewhere.asset_id, elsewhere.take_id, studio.video_id):
        refused = client.get(f"{url}&before={stranger}", headers=headers)
        assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (422, "page_not_found", "before")
        assert "start without" in refused.json()["advice"]


def test_a_take_of_another_node_begins_no_page_of_this_one(client: TestClient, studio: Studio) -> None:
    url = f"/api/projects/{studio.project_id}/nodes/{studio.video_id}/takes?before={studio.take_id}"

    assert client.get(url, headers=studio.viewer.headers).json()["code"] == "page_not_found"


@LISTS
@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=many", "before=last"])
def test_a_page_without_sense_is_refused(
    client: TestClient, world: World, studio: Studio, clock: MovableClock, add: Any, query: str
) -> None:
    answer = client.get(f"{add(world, studio, clock)}&{query}", headers=studio.viewer.headers)

    assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")


def test_no_list_is_longer_than_a_thousand(client: TestClient, world: World, ada: Person) -> None:
    project_id = world.project(ada)
    with world.container.database.unit_of_work() as session:
        columns = {"project_id": project_id, "kind": "image", "file_name": "a", "content_type": "image/png", "size_bytes": 1}
        session.add_all([Asset(id=new_id(), **columns) for _ in range(1001)])
        session.flush()
        session.execute(update(Asset).values(created_at=world.now))

    first = client.get(f"/api/files?project_id={project_id}", headers=ada.headers).json()
    rest = client.get(f"/api/files?project_id={project_id}&before={first[-1]['id']}", headers=ada.headers).json()

    assert (len(first), len(rest)) == (1000, 1)
    assert len({UUID(asset["id"]) for asset in first + rest}) == 1001
