"""Projects as a whole: made, deleted with all that is in them, and carried as files from one place to another."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from services.core.accounts.model import ProjectMember
from services.core.kit.database import Database
from services.core.kit.errors import Conflict, Invalid, NotFound
from services.core.projects import service
from services.core.projects.operations import Connect, CreateNode, DeleteNode, UpdateNode
from services.core.projects.repository import get_project, list_projects
from services.core.projects.workflow import Workflow, WorkflowConnection, WorkflowNode, parse_workflow
from tests.services.core.projects.canvas import START, Canvas, a_member, a_person, clear_outbox, outbox

ROOT = Path(__file__).resolve().parents[4]


def export(canvas: Canvas) -> dict[str, Any]:
    """The project as the file that people keep."""
    with canvas.database.unit_of_work() as session:
        workflow = service.export_workflow(session, get_project(session, canvas.project_id))
    document: dict[str, Any] = json.loads(workflow.model_dump_json())
    return document


def load(canvas: Canvas, document: dict[str, Any]) -> dict[str, Any]:
    """Import a file; returns the new id of each key."""
    with canvas.database.unit_of_work() as session:
        project = get_project(session, canvas.project_id)
        ids = service.import_workflow(session, project, parse_workflow(document), actor_id=canvas.owner_id, now=START)
    return {key: str(id_) for key, id_ in ids.items()}


def a_storyboard(canvas: Canvas) -> None:
    """A bit of everything: wired prompt, references in an order, frames, a chain with extensions."""
    enhanced = {"of_text": "A fox", "enhanced_prompt": "A red fox runs.", "negative_prompt": "text", "shot_notes": ["low angle"]}
    canvas.node("frame", title="Scene 1", width=1200, height=640.5, colour="teal")
    canvas.node("note", text="Ask Ada.", width=300)
    prompt = canvas.node("prompt", title="Words", text="A fox", enhanced=enhanced, use="enhanced")
    images = [canvas.node("image", title=f"Ref {place}") for place in (2, 1, 3)]
    shot = canvas.node("video", title="Opening", seed=7, extensions=[{"prompt": "It stops."}, {}])
    frames = canvas.node("video", title="Between", resolution="1080p", duration_seconds=8)
    follow = canvas.node("video", title="Follow")
    canvas.wire(prompt, shot, "prompt")
    for image in reversed(images):
        canvas.wire(image, shot, "references")
    canvas.wire(images[0], frames, "image")
    canvas.wire(images[0], frames, "last_frame")
    canvas.wire(shot, follow, "video")
    gone = canvas.node("video", title="Deleted")
    canvas.wire(follow, gone, "video")
    canvas.apply(DeleteNode(node_id=gone))


def test_a_new_project_is_empty_and_belongs_to_who_made_it(database: Database) -> None:
    canvas = Canvas(database, "Trailer")

    with database.unit_of_work() as session:
        ((project, role),) = list_projects(session, canvas.owner_id)
        assert (project.id, project.name, project.rev, role) == (canvas.project_id, "Trailer", 0, "owner")
        assert project.spending_limit_microusd == service.DEFAULT_SPENDING_LIMIT_MICROUSD
        assert list_projects(session, a_person(database)) == []
    member = {"kind": "member", "project_id": str(canvas.project_id), "user_id": str(canvas.owner_id)}
    assert outbox(database, "live") == [member]


def test_a_deleted_project_is_gone_with_everything_in_it(canvas: Canvas, elsewhere: Canvas, database: Database) -> None:
    a_storyboard(canvas)
    canvas.take(canvas.node())
    canvas.picture()
    a_member(database, canvas.project_id, "viewer")
    elsewhere.wire(elsewhere.node("prompt"), elsewhere.node(), "prompt")
    clear_outbox(database)

    with database.unit_of_work() as session:
        service.delete_project(session, canvas.project_id)

    with database.unit_of_work() as session, pytest.raises(NotFound):
        get_project(session, canvas.project_id)
    with database.unit_of_work() as session:
        for table, left in {"nodes": 2, "connections": 1, "assets": 0, "jobs": 0, "takes": 0, "project_members": 1}.items():
            assert session.scalar(text(f"SELECT count(*) FROM {table}")) == left, table
    project = {"project_id": str(canvas.project_id)}
    assert [(task["path"], task["body"]) for task in outbox(database, "tasks")] == [("/tasks/forget-project", project)]
    assert outbox(database, "live") == [{"kind": "project", **project}]


@pytest.mark.parametrize(("type_", "state"), [("video", "queued"), ("video", "running"), ("prompt", "running")])
def test_a_project_with_work_under_way_cannot_be_deleted(canvas: Canvas, database: Database, type_: str, state: str) -> None:
    busy = canvas.node(type_, title="Opening")
    canvas.change(busy, state=state)

    with pytest.raises(Conflict, match="'Opening' is at work") as refused, database.unit_of_work() as session:
        service.delete_project(session, canvas.project_id)

    assert refused.value.code == "project_is_busy"
    assert canvas.row(busy).deleted_at is None


def test_a_project_whose_picture_is_being_inspected_can_be_deleted(canvas: Canvas, database: Database) -> None:
    canvas.node("image", asset_id=str(canvas.picture("pending")))

    with database.unit_of_work() as session:
        service.delete_project(session, canvas.project_id)

    with database.unit_of_work() as session:
        assert session.get(ProjectMember, (canvas.project_id, canvas.owner_id)) is None


def test_an_exported_project_imported_and_exported_again_is_the_same_file(canvas: Canvas, elsewhere: Canvas) -> None:
    a_storyboard(canvas)
    first = export(canvas)

    load(elsewhere, first)
    second = export(elsewhere)

    assert first["version"] == 2
    assert len(first["nodes"]) == 9
    assert len(first["connections"]) == 7
    assert second == {**first, "name": "Elsewhere"}


def test_an_import_is_told_as_the_edits_it_stands_for(canvas: Canvas, elsewhere: Canvas) -> None:
    a_storyboard(canvas)
    ids = load(elsewhere, export(canvas))
    shown = elsewhere.shown()

    told = elsewhere.events()

    assert [event.payload["node"] for event in told if event.type == "node.created"] == shown["nodes"]
    assert [event.payload["connection"] for event in told if event.type == "connection.created"] == shown["connections"]
    assert [event.rev for event in told] == list(range(1, 17))
    assert {event.actor_id for event in told} == {elsewhere.owner_id}
    assert list(ids.values()) == [node["id"] for node in shown["nodes"]]


def test_an_import_into_a_project_with_nodes_leaves_those_alone(canvas: Canvas) -> None:
    a_storyboard(canvas)
    before = canvas.shown()

    load(canvas, export(canvas))

    after = canvas.shown()
    assert after["nodes"][:9] == before["nodes"]
    assert (len(after["nodes"]), len(after["connections"])) == (18, 14)


def test_an_empty_workflow_imports_to_nothing(canvas: Canvas, elsewhere: Canvas) -> None:
    assert load(canvas, export(elsewhere)) == {}
    assert canvas.events() == []


def test_pictures_results_and_people_do_not_leave_with_an_export(canvas: Canvas) -> None:
    asset_id = canvas.picture()
    image, shot = canvas.node("image", asset_id=str(asset_id)), canvas.node("video")
    take_id = canvas.take(shot)
    canvas.apply(UpdateNode(node_id=shot, selected_take_id=take_id))
    canvas.change(image, status={"character_id": "c", "faces": []})

    exported = json.dumps(export(canvas))

    for secret in (asset_id, take_id, canvas.owner_id, canvas.project_id, image, shot, "character"):
        assert str(secret) not in exported


def test_a_picture_named_in_a_file_is_not_shown_by_the_imported_node(canvas: Canvas, elsewhere: Canvas) -> None:
    node = WorkflowNode(key="a", type="image", title="Ada", position={"x": 0, "y": 0}, config={"asset_id": str(elsewhere.picture())})

    load(canvas, Workflow(name="Copied", nodes=[node], connections=[]).model_dump(mode="json"))

    (shown,) = canvas.shown()["nodes"]
    assert (shown["config"], shown["state"]) == ({"asset_id": None}, "idle")


def _file(**changes: Any) -> dict[str, Any]:
    node = {"key": "a", "type": "video", "title": "Shot", "position": {"x": 0, "y": 0}, "config": {}}
    prompt = {**node, "key": "p", "type": "prompt"}
    wire = {"source": "p", "source_port": "prompt", "target": "a", "target_port": "prompt"}
    whole = {"format": "reelgraph.workflow", "version": 2, "name": "Trailer", "nodes": [node, prompt], "connections": [wire]}
    return {**whole, **changes}


def _node(**changes: Any) -> dict[str, Any]:
    return {"key": "a", "type": "video", "title": "Shot", "position": {"x": 0, "y": 0}, "config": {}, **changes}


def _wire(source: str, target: str, port: str) -> dict[str, Any]:
    return {"source": source, "source_port": port, "target": target, "target_port": port}


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "something else": ({"nodes": []}, "not_a_workflow"),
    "a later version": (_file(version=3), "workflow_version_unknown"),
    "a version before the first": (_file(version=0), "workflow_version_unknown"),
    "a version in words": (_file(version="2"), "workflow_version_unknown"),
    "a yes for a version": (_file(version=True), "workflow_version_unknown"),
    "no version": ({"format": "reelgraph.workflow", "name": "x", "nodes": [], "connections": []}, "workflow_version_unknown"),
    "no nodes": ({key: value for key, value in _file().items() if key != "nodes"}, "workflow_invalid"),
    "a node without a place": (_file(nodes=[{**_node(), "position": None}]), "workflow_invalid"),
    "an unknown member": (_file(owner="Ada"), "workflow_invalid"),
    "two nodes of one key": (_file(nodes=[_node(), _node()]), "workflow_invalid"),
    "an unknown node type": (_file(nodes=[_node(type="audio")]), "unknown_node_type"),
    "an unknown setting": (_file(nodes=[_node(config={"lenght": 8})]), "config_invalid"),
    "a wire to nowhere": (_file(connections=[_wire("p", "z", "prompt")]), "workflow_invalid"),
    "a wire that does not fit": (_file(connections=[{**_wire("p", "a", "prompt"), "target_port": "image"}]), "ports_do_not_fit"),
    "a wire twice": (_file(connections=[_wire("p", "a", "prompt")] * 2), "already_connected"),
    "a full port": (
        _file(nodes=[_node(), _node(key="p", type="prompt"), _node(key="q", type="prompt")])
        | {"connections": [_wire("p", "a", "prompt"), _wire("q", "a", "prompt")]},
        "port_is_taken",
    ),
    "a circle": (
        _file(nodes=[_node(), _node(key="b")], connections=[_wire("a", "b", "video"), _wire("b", "a", "video")]),
        "cycle",
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_file_is_refused_whole(canvas: Canvas, broken: str) -> None:
    document, code = BROKEN[broken]
    before = canvas.shown()

    with pytest.raises((Invalid, Conflict)) as refused:
        load(canvas, document)

    assert refused.value.code == code
    assert refused.value.message.endswith(".")
    assert canvas.shown() == before


def test_a_file_of_a_newer_server_is_refused_in_words() -> None:
    with pytest.raises(Invalid, match=r"has version 3; this server reads versions up to 2\.") as refused:
        parse_workflow(_file(version=3))

    assert refused.value.advice == "Import it on a newer server."


def test_a_file_of_version_1_is_imported_as_it_was_exported(canvas: Canvas) -> None:
    kept = json.loads((ROOT / "schemas/examples/workflow_v1/storyboard.json").read_text())

    load(canvas, kept)

    exported = export(canvas)
    assert (kept["version"], exported["version"]) == (1, 2)
    for node in exported["nodes"]:
        assert node["type"] != "image" or node["config"] == {}
    assert (exported["nodes"], exported["connections"]) == (kept["nodes"], kept["connections"])


def test_the_file_that_the_broken_ones_were_made_of_is_fine(canvas: Canvas) -> None:
    assert set(load(canvas, _file())) == {"a", "p"}


def test_a_large_file_is_imported_in_the_order_it_is_written(canvas: Canvas) -> None:
    count = 1_000
    nodes = [WorkflowNode(key=str(place), type="video", title=str(place), position={"x": place, "y": 0}) for place in range(count)]
    wires = [
        WorkflowConnection(source=str(place), source_port="video", target=str(place + 1), target_port="video") for place in range(count - 1)
    ]
    document = Workflow(name="Long", nodes=nodes, connections=wires).model_dump(mode="json")
    started = time.monotonic()

    load(canvas, document)

    assert time.monotonic() - started < 20  # one by one, each wire would read all before it: minutes
    exported = export(canvas)
    assert [node["title"] for node in exported["nodes"]] == [str(place) for place in range(count)]
    assert [wire["source"] for wire in exported["connections"]] == [f"n{place}" for place in range(1, count)]
    assert canvas.shown()["rev"] == len(canvas.events()) == 2 * count - 1


def test_an_imported_canvas_is_edited_like_any_other(canvas: Canvas, elsewhere: Canvas) -> None:
    a_storyboard(canvas)
    ids = load(elsewhere, export(canvas))
    last = elsewhere.shown()["nodes"][-1]["id"]
    new = CreateNode(type="video")
    elsewhere.apply(new)

    elsewhere.apply(Connect(source_node_id=last, source_port="video", target_node_id=new.node_id, target_port="video"))

    assert last in ids.values()
    assert elsewhere.events()[-1].rev == 18
