"""Projects from the first name to the last: members, limits, edits in batches, files, and the log that followers catch up from."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from services.core.kit.ids import new_id
from services.core.outbox.model import OutboxRow
from tests.services.api.world import Person, Studio, World


@pytest.fixture
def ada(world: World) -> Person:
    return world.person("ada")


@pytest.fixture
def url(client: TestClient, ada: Person) -> str:
    """The address of a new project of Ada's."""
    created = client.post("/api/projects", json={"name": "Trailer"}, headers=ada.headers)
    assert created.status_code == 201
    return f"/api/projects/{created.json()['id']}"


def outbox(world: World, path: str) -> list[dict[str, Any]]:
    """The tasks of one path that wait for delivery."""
    with world.container.database.unit_of_work() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.destination == "tasks")).all()
    return [row.payload for row in rows if row.payload["path"] == path]


def test_a_project_is_created_opened_renamed_and_deleted(client: TestClient, world: World, ada: Person, url: str) -> None:
    opened = client.get(url, headers=ada.headers).json()
    assert (opened["name"], opened["role"], opened["rev"], opened["nodes"], opened["connections"]) == ("Trailer", "owner", 0, [], [])
    assert opened["money"] == {
        "spending_limit_microusd": 100_000_000,
        "captured_microusd": 0,
        "reserved_microusd": 0,
        "uncertain_microusd": 0,
    }

    renamed = client.patch(url, json={"name": "Teaser"}, headers=ada.headers).json()
    assert (renamed["name"], renamed["rev"]) == ("Teaser", 1)
    assert [project["name"] for project in client.get("/api/projects", headers=ada.headers).json()] == ["Teaser"]

    assert client.delete(url, headers=ada.headers).status_code == 204
    assert client.get(url, headers=ada.headers).status_code == 404
    assert client.get("/api/projects", headers=ada.headers).json() == []
    assert [task["body"] for task in outbox(world, "/tasks/forget-project")] == [{"project_id": url.removeprefix("/api/projects/")}]


def test_projects_are_listed_last_changed_first_with_ones_role(client: TestClient, world: World, ada: Person) -> None:
    bob = world.person("bob")
    first, second = world.project(ada), world.project(bob, viewer=ada)
    world.container.clock.advance(seconds=1)  # type: ignore[attr-defined]  # the clock of the tests can be moved
    world.node(first, ada, "prompt")

    listed = client.get("/api/projects", headers=ada.headers).json()

    assert [(project["id"], project["role"]) for project in listed] == [(str(first), "owner"), (str(second), "viewer")]


def test_a_project_at_work_is_not_deleted(client: TestClient, world: World) -> None:
    studio = world.studio()

    answer = client.delete(f"/api/projects/{studio.project_id}", headers=studio.owner.headers)

    assert (answer.status_code, answer.json()["code"]) == (409, "project_is_busy")
    assert client.get(f"/api/projects/{studio.project_id}", headers=studio.owner.headers).status_code == 200


def test_the_owner_lets_a_project_accept_commands_and_renames_it_at_once(client: TestClient, ada: Person, url: str) -> None:
    assert client.get(url, headers=ada.headers).json()["accepts_commands"] is False

    changed = client.patch(url, json={"accepts_commands": True, "name": "Shop"}, headers=ada.headers).json()

    assert (changed["accepts_commands"], changed["name"], changed["rev"]) == (True, "Shop", 2)
    assert client.get(url, headers=ada.headers).json()["accepts_commands"] is True
    event = client.get(f"{url}/events?after=1", headers=ada.headers).json()["events"][0]
    assert (event["type"], event["payload"]) == ("project.updated", {"accepts_commands": True})
    assert client.patch(url, json={"accepts_commands": True}, headers=ada.headers).json()["rev"] == 2
    assert client.patch(url, json={"accepts_commands": False}, headers=ada.headers).json()["accepts_commands"] is False


def test_an_editor_renames_a_project_and_opens_it_to_no_commands(client: TestClient, world: World, ada: Person) -> None:
    bob = world.person("bob")
    url = f"/api/projects/{world.project(ada, editor=bob)}"

    refused = client.patch(url, json={"name": "Teaser", "accepts_commands": True}, headers=bob.headers)

    assert (refused.status_code, refused.json()["code"], refused.json()["needed_role"]) == (403, "role_too_low", "owner")
    assert client.get(url, headers=bob.headers).json()["name"] == "Trailer"
    assert client.patch(url, json={"name": "Teaser"}, headers=bob.headers).json()["name"] == "Teaser"


def test_the_spending_limit_is_set_and_shown(client: TestClient, ada: Person, url: str) -> None:
    money = client.put(f"{url}/spending-limit", json={"spending_limit_microusd": 5_000_000}, headers=ada.headers).json()

    assert money["spending_limit_microusd"] == 5_000_000
    assert client.get(url, headers=ada.headers).json()["money"] == money
    assert client.get(f"{url}/money", headers=ada.headers).json() == money
    (event,) = client.get(f"{url}/events", headers=ada.headers).json()["events"]
    assert (event["type"], event["payload"]) == ("project.updated", {"spending_limit_microusd": 5_000_000})


@pytest.mark.parametrize("limit", [-1, 10**13 + 1, 1.5, None])
def test_a_spending_limit_that_makes_no_sense_is_refused(client: TestClient, ada: Person, url: str, limit: float | None) -> None:
    answer = client.put(f"{url}/spending-limit", json={"spending_limit_microusd": limit}, headers=ada.headers)

    assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")


# Members


def test_members_are_added_changed_and_removed(client: TestClient, world: World, ada: Person, url: str) -> None:
    bob = world.person("bob")

    added = client.post(f"{url}/members", json={"email": bob.email.upper(), "role": "viewer"}, headers=ada.headers)
    assert (added.status_code, added.json()["role"], added.json()["user_id"]) == (201, "viewer", str(bob.id))
    changed = client.patch(f"{url}/members/{bob.id}", json={"role": "editor"}, headers=ada.headers)
    assert changed.json()["role"] == "editor"
    assert client.post(f"{url}/nodes", json={"type": "prompt"}, headers=bob.headers).status_code == 201
    listed = client.get(f"{url}/members", headers=bob.headers).json()
    assert [(member["email"], member["role"]) for member in listed] == [(ada.email, "owner"), (bob.email, "editor")]

    assert client.delete(f"{url}/members/{bob.id}", headers=ada.headers).status_code == 204
    assert client.get(url, headers=bob.headers).status_code == 404
    assert client.delete(f"{url}/members/{bob.id}", headers=ada.headers).json()["code"] == "member_not_found"


def test_the_owner_stays(client: TestClient, ada: Person, url: str) -> None:
    for answer in (
        client.patch(f"{url}/members/{ada.id}", json={"role": "viewer"}, headers=ada.headers),
        client.delete(f"{url}/members/{ada.id}", headers=ada.headers),
        client.post(f"{url}/members", json={"email": ada.email, "role": "editor"}, headers=ada.headers),
    ):
        assert answer.status_code == 409
    assert client.get(url, headers=ada.headers).json()["role"] == "owner"


def test_nobody_else_becomes_owner(client: TestClient, world: World, ada: Person, url: str) -> None:
    bob = world.person("bob")

    assert client.post(f"{url}/members", json={"email": bob.email, "role": "owner"}, headers=ada.headers).status_code == 422


# Edits in batches


def edit(op: str, **fields: Any) -> dict[str, Any]:
    return {"op": op, "operation_id": str(new_id()), **fields}


def test_a_batch_of_edits_is_applied_in_order(client: TestClient, ada: Person, url: str) -> None:
    prompt, video = str(new_id()), str(new_id())
    ends = {"source_node_id": prompt, "source_port": "prompt", "target_node_id": video, "target_port": "prompt"}
    batch = [
        edit("create_node", node_id=prompt, type="prompt", config={"text": "a"}),
        edit("create_node", node_id=video, type="video", position={"x": 300, "y": 0}),
        edit("connect", **ends),
        edit("update_node", node_id=prompt, config={"text": "b"}, title="Idea"),
        edit("update_project", name="Teaser"),
    ]

    answer = client.post(f"{url}/operations", json=batch, headers=ada.headers)

    assert (answer.status_code, answer.json()) == (200, [{"rev": rev} for rev in range(1, 6)])
    opened = client.get(url, headers=ada.headers).json()
    assert (opened["name"], opened["rev"]) == ("Teaser", 5)
    assert {node["id"]: node["title"] for node in opened["nodes"]} == {prompt: "Idea", video: "Video"}
    assert next(node["config"]["text"] for node in opened["nodes"] if node["id"] == prompt) == "b"
    assert [{key: wire[key] for key in ends} for wire in opened["connections"]] == [ends]


def test_a_batch_with_one_edit_that_does_not_fit_changes_nothing(client: TestClient, ada: Person, url: str) -> None:
    batch = [edit("create_node", type="prompt"), edit("delete_node", node_id=str(new_id())), edit("create_node", type="video")]

    answer = client.post(f"{url}/operations", json=batch, headers=ada.headers)

    assert (answer.status_code, answer.json()["code"]) == (404, "node_not_found")
    opened = client.get(url, headers=ada.headers).json()
    assert (opened["rev"], opened["nodes"]) == (0, [])


def test_a_batch_that_is_sent_again_changes_nothing_and_gets_the_same_numbers(client: TestClient, ada: Person, url: str) -> None:
    node_id = str(new_id())
    batch = [edit("create_node", node_id=node_id, type="prompt"), edit("delete_node", node_id=node_id)]

    first = client.post(f"{url}/operations", json=batch, headers=ada.headers)
    second = client.post(f"{url}/operations", json=batch, headers=ada.headers)

    assert (second.status_code, second.json()) == (first.status_code, first.json()) == (200, [{"rev": 1}, {"rev": 2}])
    assert client.get(url, headers=ada.headers).json()["rev"] == 2


@pytest.mark.parametrize(
    "batch",
    [
        [],
        [{"op": "create_node", "type": "prompt"}] * 1001,
        [{"op": "explode"}],
        [{"op": "create_node"}],
        [{"op": "create_node", "type": "prompt", "colour": "red"}],
        [{"op": "create_node", "type": "prompt", "position": {"x": "NaN", "y": 0}}],
        {"op": "create_node", "type": "prompt"},
    ],
)
def test_a_batch_without_form_is_refused(client: TestClient, ada: Person, url: str, batch: Any) -> None:
    answer = client.post(f"{url}/operations", json=batch, headers=ada.headers)

    assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")
    assert client.get(url, headers=ada.headers).json()["rev"] == 0


# The log


def test_followers_catch_up_from_any_cursor(client: TestClient, ada: Person, url: str) -> None:
    batch = [edit("create_node", type="prompt", title=f"{number}") for number in range(1, 8)]
    client.post(f"{url}/operations", json=batch, headers=ada.headers)

    read, cursor = [], 0
    while found := (page := client.get(f"{url}/events?after={cursor}&limit=3", headers=ada.headers).json())["events"]:
        read += found
        cursor = page["next_cursor"]

    assert [event["rev"] for event in read] == list(range(1, 8))
    assert [event["payload"]["node"]["title"] for event in read] == [f"{number}" for number in range(1, 8)]
    assert [event["operation_id"] for event in read] == [operation["operation_id"] for operation in batch]
    assert {event["actor_id"] for event in read} == {str(ada.id)}
    assert cursor == 7
    assert client.get(f"{url}/events?after=7", headers=ada.headers).json() == {"events": [], "next_cursor": 7}


@pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=0", "limit=1001"])
def test_a_cursor_without_sense_is_refused(client: TestClient, ada: Person, url: str, query: str) -> None:
    assert client.get(f"{url}/events?{query}", headers=ada.headers).status_code == 422


# Files


def shape(opened: dict[str, Any]) -> tuple[Any, Any]:
    """A graph without its ids: titles, settings, places and wires by title."""
    titles = {node["id"]: node["title"] for node in opened["nodes"]}
    nodes = sorted(
        (node["title"], node["type"], str(node["config"]), node["position"]["x"], node["position"]["y"]) for node in opened["nodes"]
    )
    wires = sorted(
        (titles[wire["source_node_id"]], wire["source_port"], titles[wire["target_node_id"]], wire["target_port"])
        for wire in opened["connections"]
    )
    return nodes, wires


@pytest.fixture
def titled(client: TestClient, world: World) -> Studio:
    """A studio whose nodes have titles of their own, with an enhanced prompt."""
    studio = world.studio()
    for number, node_id in enumerate((studio.image_id, studio.prompt_id, studio.video_id, studio.loose_id)):
        change: dict[str, Any] = {"title": f"Node {number}", "position": {"x": number * 10.5, "y": -number}}
        if node_id == studio.prompt_id:
            enhanced = {"of_text": "a", "enhanced_prompt": "A", "negative_prompt": "", "shot_notes": ["x"]}
            change["config"] = {"enhanced": enhanced, "use": "enhanced"}
        answer = client.patch(f"/api/projects/{studio.project_id}/nodes/{node_id}", json=change, headers=studio.owner.headers)
        assert answer.status_code == 200, answer.text
    return studio


@pytest.mark.parametrize("way", ["as a new project", "into a project"])
def test_what_was_exported_is_imported_without_pictures(client: TestClient, titled: Studio, way: str, ada: Person, url: str) -> None:
    source = f"/api/projects/{titled.project_id}"
    workflow = client.get(f"{source}/export", headers=titled.viewer.headers).json()
    assert str(titled.asset_id) not in str(workflow)

    if way == "as a new project":
        created = client.post("/api/projects", json={"name": "Copy", "workflow": workflow}, headers=ada.headers)
        assert created.status_code == 201, created.text
        url = f"/api/projects/{created.json()['id']}"
        rev = created.json()["rev"]
    else:
        imported = client.post(f"{url}/import", json=workflow, headers=ada.headers)
        assert imported.status_code == 201, imported.text
        ids = set(imported.json().values())
        rev = client.get(url, headers=ada.headers).json()["rev"]
        assert ids == {node["id"] for node in client.get(f"{url}/nodes", headers=ada.headers).json()}

    copied, original = client.get(url, headers=ada.headers).json(), client.get(source, headers=titled.owner.headers).json()
    assert rev == copied["rev"] == 6  # four nodes and two wires
    for node in original["nodes"]:
        if node["type"] == "image":
            node["config"] = {"asset_id": None}
    assert shape(copied) == shape(original)
    assert {node["state"] for node in copied["nodes"]} == {"idle"}


def workflow(**changes: Any) -> dict[str, Any]:
    nodes = [{"key": "n1", "type": "prompt", "title": "Idea", "position": {"x": 0, "y": 0}}]
    return {"format": "reelgraph.workflow", "version": 1, "name": "x", "nodes": nodes, "connections": []} | changes


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"format": "something.else"}, "not_a_workflow"),
        ({"version": 3}, "workflow_version_unknown"),
        ({"colour": "red"}, "workflow_invalid"),
        ({"nodes": workflow()["nodes"] * 2}, "workflow_invalid"),
        ({"nodes": [workflow()["nodes"][0] | {"type": "sound"}]}, "unknown_node_type"),
        ({"nodes": [workflow()["nodes"][0] | {"config": {"txt": "a"}}]}, "config_invalid"),
        ({"connections": [{"source": "n1", "source_port": "prompt", "target": "n2", "target_port": "prompt"}]}, "workflow_invalid"),
        ({"connections": [{"source": "n1", "source_port": "prompt", "target": "n1", "target_port": "prompt"}]}, "unknown_port"),
    ],
)
def test_a_workflow_that_does_not_fit_is_not_imported_at_all(
    client: TestClient, ada: Person, url: str, changes: dict[str, Any], code: str
) -> None:
    imported = client.post(f"{url}/import", json=workflow(**changes), headers=ada.headers)
    created = client.post("/api/projects", json={"name": "Copy", "workflow": workflow(**changes)}, headers=ada.headers)

    for answer in (imported, created):
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert answer.json()["advice"]
    assert client.get(f"{url}/nodes", headers=ada.headers).json() == []
    assert len(client.get("/api/projects", headers=ada.headers).json()) == 1


# The graph, one thing at a time


def test_the_node_types_describe_ports_and_settings(client: TestClient) -> None:
    types = {kind["name"]: kind for kind in client.get("/api/projects/node-types").json()}

    assert set(types) == {"image", "prompt", "video", "frame", "note"}
    for name in ("frame", "note"):
        assert (types[name]["inputs"], types[name]["outputs"]) == ([], [])
    assert [port["name"] for port in types["video"]["inputs"]] == ["prompt", "image", "last_frame", "references", "video"]
    assert types["video"]["inputs"][3] == {"name": "references", "type": "image", "title": "References", "wires": 3}
    assert "duration_seconds" in types["video"]["config_schema"]["properties"]


def test_a_node_lives_through_change_deletion_and_restoration_with_its_wires(client: TestClient, world: World) -> None:
    studio = world.studio()
    url, headers = f"/api/projects/{studio.project_id}", studio.editor.headers
    node = f"{url}/nodes/{studio.prompt_id}"
    version = client.get(node, headers=headers).json()["version"]

    changed = client.patch(node, json={"title": "Idea", "position": {"x": 1.5, "y": 2}, "config": {"text": "b"}}, headers=headers).json()
    assert (changed["title"], changed["position"], changed["config"]["text"]) == ("Idea", {"x": 1.5, "y": 2.0}, "b")
    assert changed["version"] == version + 1

    assert client.delete(node, headers=headers).status_code == 204
    assert client.get(node, headers=headers).status_code == 404
    assert str(studio.connection_id) not in str(client.get(url, headers=headers).json()["connections"])

    restored = client.post(f"{node}/restore", headers=headers).json()
    assert (restored["title"], restored["config"]) == (changed["title"], changed["config"])
    assert str(studio.connection_id) in str(client.get(url, headers=headers).json()["connections"])


def test_a_node_at_work_is_not_deleted(client: TestClient, world: World) -> None:
    studio = world.studio()

    answer = client.delete(f"/api/projects/{studio.project_id}/nodes/{studio.video_id}", headers=studio.editor.headers)

    assert (answer.status_code, answer.json()["code"]) == (409, "node_is_busy")


def test_a_wire_is_added_and_removed(client: TestClient, world: World) -> None:
    studio = world.studio()
    url, headers = f"/api/projects/{studio.project_id}/connections", studio.editor.headers
    ends = {
        "source_node_id": str(studio.prompt_id),
        "source_port": "prompt",
        "target_node_id": str(studio.loose_id),
        "target_port": "prompt",
    }

    added = client.post(url, json=ends, headers=headers)
    assert added.status_code == 201
    assert {key: added.json()[key] for key in ends} == ends
    assert client.post(url, json=ends, headers=headers).json()["code"] == "already_connected"
    assert client.delete(f"{url}/{added.json()['id']}", headers=headers).status_code == 204
    assert client.delete(f"{url}/{added.json()['id']}", headers=headers).json()["code"] == "connection_not_found"


def test_takes_are_listed_for_a_node_and_for_the_project_and_one_is_chosen(client: TestClient, world: World) -> None:
    studio = world.studio()
    url, headers = f"/api/projects/{studio.project_id}", studio.editor.headers

    (take,) = client.get(f"{url}/nodes/{studio.loose_id}/takes", headers=headers).json()
    assert (take["id"], take["node_id"], take["hop"], take["sample"]) == (str(studio.take_id), str(studio.loose_id), 0, 0)
    assert take["asset"]["url"].startswith("https://storage.test/reelgraph-test-media/")
    assert take["asset"]["duration_seconds"] == 8.0
    assert client.get(f"{url}/takes", headers=headers).json() == [take]
    assert client.get(f"{url}/nodes/{studio.video_id}/takes", headers=headers).json() == []

    chosen = client.patch(f"{url}/nodes/{studio.loose_id}", json={"selected_take_id": take["id"]}, headers=headers)
    assert chosen.json()["selected_take_id"] == take["id"]
    elsewhere = client.patch(f"{url}/nodes/{studio.video_id}", json={"selected_take_id": take["id"]}, headers=headers)
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (422, "take_of_another_node")


def test_a_ticket_is_a_secret_of_30_seconds(client: TestClient, world: World) -> None:
    studio = world.studio()

    first, second = (client.post(f"/api/projects/{studio.project_id}/socket-ticket", headers=studio.viewer.headers).json() for _ in "ab")

    assert first["ticket"] != second["ticket"]
    assert len(first["ticket"]) >= 43
