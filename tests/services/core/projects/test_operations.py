"""Edits of a graph: each does what it says, once, to its own project only."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.core.kit.database import Database
from services.core.kit.errors import Conflict, Invalid, NotFound, Problem
from services.core.kit.ids import new_id
from services.core.projects import operations
from services.core.projects.operations import (
    Connect,
    CreateNode,
    DeleteNode,
    Disconnect,
    Operation,
    Position,
    RestoreNode,
    UpdateNode,
    UpdateProject,
)
from services.core.projects.repository import get_node
from tests.services.core.projects.canvas import START, Canvas, outbox


def _deleted_node(canvas: Canvas) -> UUID:
    node_id = canvas.node()
    canvas.apply(DeleteNode(node_id=node_id))
    return node_id


EDITS: dict[str, tuple[str, Callable[[Canvas], Operation]]] = {
    "create_node": ("node.created", lambda canvas: CreateNode(type="prompt", config={"text": "A fox"})),
    "update_node": ("node.updated", lambda canvas: UpdateNode(node_id=canvas.node(), title="Fox", position=Position(x=3, y=4))),
    "delete_node": ("node.deleted", lambda canvas: DeleteNode(node_id=canvas.node())),
    "restore_node": ("node.restored", lambda canvas: RestoreNode(node_id=_deleted_node(canvas))),
    "connect": (
        "connection.created",
        lambda canvas: Connect(
            source_node_id=canvas.node("prompt"), source_port="prompt", target_node_id=canvas.node(), target_port="prompt"
        ),
    ),
    "disconnect": (
        "connection.deleted",
        lambda canvas: Disconnect(connection_id=canvas.wire(canvas.node("prompt"), canvas.node(), "prompt")),
    ),
    "update_project": ("project.updated", lambda canvas: UpdateProject(name="Teaser")),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_is_one_event_and_sent_again_changes_nothing(canvas: Canvas, edit: str) -> None:
    type_, make = EDITS[edit]
    operation = make(canvas)
    before = canvas.shown()

    rev = canvas.apply(operation)
    after = canvas.shown()

    assert rev == before["rev"] + 1 == after["rev"]
    assert after != {**before, "rev": rev}
    (event,) = canvas.events(before["rev"])
    assert (event.type, event.operation_id, event.actor_id) == (type_, operation.operation_id, canvas.owner_id)
    assert canvas.apply(operation) == rev
    assert canvas.shown() == after


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_of_another_project_keeps_its_operation_id(canvas: Canvas, elsewhere: Canvas, edit: str) -> None:
    operation = EDITS[edit][1](canvas)
    canvas.apply(operation)
    before = elsewhere.shown()

    with pytest.raises(Conflict) as refused:
        elsewhere.apply(UpdateProject(name="Mine", operation_id=operation.operation_id))

    assert refused.value.code == "operation_id_used"
    assert elsewhere.shown() == before


ADDRESSED: dict[str, Callable[[UUID, UUID], Operation]] = {
    "update_node": lambda node, _: UpdateNode(node_id=node, title="Taken over"),
    "delete_node": lambda node, _: DeleteNode(node_id=node),
    "restore_node": lambda node, _: RestoreNode(node_id=node),
    "connect from": lambda node, other: Connect(source_node_id=node, source_port="video", target_node_id=other, target_port="video"),
    "connect to": lambda node, other: Connect(source_node_id=other, source_port="video", target_node_id=node, target_port="video"),
}


UNREACHABLE = [(edit, whose) for edit in ADDRESSED for whose in ("nobody's", "another project's", "deleted")]
UNREACHABLE.remove(("restore_node", "deleted"))


@pytest.mark.parametrize(("edit", "whose"), UNREACHABLE)
def test_an_edit_reaches_no_node_but_the_living_ones_of_its_project(canvas: Canvas, elsewhere: Canvas, edit: str, whose: str) -> None:
    targets: dict[str, Callable[[], UUID]] = {
        "nobody's": new_id,
        "another project's": elsewhere.node,
        "deleted": lambda: _deleted_node(canvas),
    }
    target = targets[whose]()
    operation = ADDRESSED[edit](target, canvas.node())
    before, before_elsewhere = canvas.shown(), elsewhere.shown()

    with pytest.raises(NotFound) as refused:
        canvas.apply(operation)

    assert refused.value.code == "node_not_found"
    assert (canvas.shown(), elsewhere.shown()) == (before, before_elsewhere)


def test_a_connection_of_another_project_cannot_be_removed(canvas: Canvas, elsewhere: Canvas) -> None:
    theirs = elsewhere.wire(elsewhere.node("prompt"), elsewhere.node(), "prompt")

    for connection_id in (theirs, new_id()):
        with pytest.raises(NotFound, match="There is no connection"):
            canvas.apply(Disconnect(connection_id=connection_id))

    assert len(elsewhere.wires()) == 1


def test_an_edit_of_a_project_that_is_gone_is_not_found(canvas: Canvas) -> None:
    canvas.project_id = new_id()

    with pytest.raises(NotFound) as refused:
        canvas.apply(CreateNode(type="video"))

    assert refused.value.code == "project_not_found"


def test_ids_that_a_client_chose_twice_are_refused(canvas: Canvas, elsewhere: Canvas) -> None:
    prompt, video = canvas.node("prompt"), canvas.node()
    wire = canvas.wire(prompt, video, "prompt")

    for place in (canvas, elsewhere):
        with pytest.raises(Conflict, match="exists already"):
            place.apply(CreateNode(type="video", node_id=video))
    with pytest.raises(Conflict, match="exists already"):
        canvas.apply(
            Connect(
                connection_id=wire,
                source_node_id=canvas.node("image"),
                source_port="image",
                target_node_id=video,
                target_port="image",
            )
        )


def test_a_node_begins_with_the_defaults_of_its_type(canvas: Canvas) -> None:
    node = canvas.row(canvas.node("video", resolution="1080p"))

    assert (node.title, node.state, node.version) == ("Video", "idle", 1)
    assert (node.config["resolution"], node.config["duration_seconds"], node.config["extensions"]) == ("1080p", 8, [])


@pytest.mark.parametrize(
    ("type_", "config", "field"),
    [
        ("video", {"lenght": 8}, "lenght"),
        ("video", {"extensions": [{"promt": "on"}]}, "extensions.0.promt"),
        ("prompt", {"text": "x" * 4001}, "text"),
        ("prompt", {"use": "both"}, "use"),
        ("image", {"asset_id": "not an id"}, "asset_id"),
    ],
)
def test_a_setting_that_does_not_fit_is_named_and_changes_nothing(canvas: Canvas, type_: str, config: dict[str, Any], field: str) -> None:
    node_id = canvas.node(type_)
    before = canvas.shown()

    for operation in (CreateNode(type=type_, config=config), UpdateNode(node_id=node_id, config=config)):
        with pytest.raises(Invalid) as refused:
            canvas.apply(operation)
        assert (refused.value.code, refused.value.facts["field"]) == ("config_invalid", field)

    assert canvas.shown() == before


def test_an_unknown_node_type_is_refused_with_the_list(canvas: Canvas) -> None:
    with pytest.raises(Invalid) as refused:
        canvas.apply(CreateNode(type="audio"))

    assert refused.value.facts["node_types"] == ["image", "prompt", "video", "frame", "note"]


def test_fields_that_are_not_given_stay_as_they_are(canvas: Canvas) -> None:
    node_id = canvas.node("video", title="Opening", seed=7, resolution="1080p")
    canvas.apply(UpdateNode(node_id=node_id, position=Position(x=1, y=2)))
    canvas.apply(UpdateNode(node_id=node_id, config={"duration_seconds": 4}))
    canvas.apply(UpdateNode(node_id=node_id, config={"seed": None}))

    node = canvas.row(node_id)

    assert (node.title, node.position_x, node.position_y, node.version) == ("Opening", 1, 2, 4)
    assert {name: node.config[name] for name in ("resolution", "duration_seconds", "seed")} == {
        "resolution": "1080p",
        "duration_seconds": 4,
        "seed": None,
    }
    assert canvas.events()[-1].payload == {"node_id": str(node_id), "config": {"seed": None}, "version": 4}


def test_followers_are_told_settings_as_they_are_kept(canvas: Canvas) -> None:
    node_id = canvas.node()

    canvas.apply(UpdateNode(node_id=node_id, config={"duration_seconds": "6", "extensions": [{}]}))

    assert canvas.events()[-1].payload["config"] == {"duration_seconds": 6, "extensions": [{"prompt": None}]}


def test_the_last_write_wins_for_each_field_by_itself(canvas: Canvas) -> None:
    node_id = canvas.node("video", title="First")
    for title, seed in (("Ada's", 1), ("Ben's", None), (None, 2)):
        canvas.apply(UpdateNode(node_id=node_id, title=title, config={"seed": seed} if seed else None))

    node = canvas.row(node_id)

    assert (node.title, node.config["seed"]) == ("Ben's", 2)


def test_a_move_while_another_renames_keeps_both(canvas: Canvas, database: Database) -> None:
    node_id = canvas.node()
    with database.unit_of_work() as session:
        read = get_node(session, canvas.project_id, node_id)  # read here, renamed and set elsewhere, then moved and set here
        assert read.title == "Video"
        canvas.apply(UpdateNode(node_id=node_id, title="Renamed", config={"seed": 7}))
        change = UpdateNode(node_id=node_id, position=Position(x=9, y=9), config={"duration_seconds": 4})
        operations.apply(session, canvas.project_id, change, actor_id=canvas.owner_id, now=START)
        assert read.title == "Renamed"

    node = canvas.row(node_id)

    assert (node.title, node.position_x, node.version) == ("Renamed", 9, 3)
    assert (node.config["seed"], node.config["duration_seconds"]) == (7, 4)


def test_edits_of_many_at_once_all_take_effect(canvas: Canvas) -> None:
    node_id = canvas.node()
    prompts = [canvas.node("prompt") for _ in range(8)]

    def edit(place: int) -> None:
        canvas.apply(UpdateNode(node_id=node_id, position=Position(x=place, y=0)))
        canvas.apply(UpdateNode(node_id=prompts[place], config={"text": str(place)}))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(edit, range(8)))

    assert canvas.row(node_id).version == 9
    assert [canvas.row(prompt).config["text"] for prompt in prompts] == [str(place) for place in range(8)]


def test_a_node_at_work_cannot_be_deleted(canvas: Canvas) -> None:
    for type_, state in (("video", "waiting"), ("video", "queued"), ("video", "running"), ("prompt", "running")):
        node_id = canvas.node(type_)
        canvas.change(node_id, state=state)
        with pytest.raises(Conflict) as refused:
            canvas.apply(DeleteNode(node_id=node_id))
        assert refused.value.code == "node_is_busy"
        assert canvas.row(node_id).deleted_at is None


def test_a_node_whose_picture_is_being_inspected_can_be_deleted(canvas: Canvas) -> None:
    """Nobody could cancel the inspection, and its bytes may never come."""
    node_id = canvas.node("image", asset_id=str(canvas.picture("pending")))
    assert canvas.row(node_id).state == "running"

    canvas.apply(DeleteNode(node_id=node_id))

    assert canvas.row(node_id).deleted_at is not None


def test_a_live_node_that_is_deleted_or_restored_has_its_document_follow(canvas: Canvas, database: Database) -> None:
    node_id = canvas.node()
    canvas.change(node_id, state="succeeded", live_until=START + timedelta(minutes=1))

    canvas.apply(DeleteNode(node_id=node_id))
    canvas.apply(RestoreNode(node_id=node_id))

    assert outbox(database, "live").count({"kind": "node", "node_id": str(node_id)}) == 2


def test_an_image_node_shows_the_state_of_the_picture_it_is_given(canvas: Canvas) -> None:
    ready, pending, rejected = canvas.picture("ready"), canvas.picture("pending"), canvas.picture("rejected")
    node_id = canvas.node("image")
    shown = []
    for asset_id in (pending, ready, rejected, None):
        canvas.apply(UpdateNode(node_id=node_id, config={"asset_id": str(asset_id) if asset_id else None}))
        node = canvas.row(node_id)
        shown.append((node.state, node.status.get("asset_id")))

    assert shown == [("running", str(pending)), ("succeeded", str(ready)), ("failed", str(rejected)), ("idle", None)]


def test_a_node_cannot_show_a_picture_of_another_project_or_a_video(canvas: Canvas, elsewhere: Canvas) -> None:
    node_id = canvas.node("image")

    for asset_id in (elsewhere.picture(), canvas.picture(kind="video"), new_id()):
        config = {"asset_id": str(asset_id)}
        for operation in (UpdateNode(node_id=node_id, config=config), CreateNode(type="image", config=config)):
            with pytest.raises(Invalid) as refused:
                canvas.apply(operation)
            assert refused.value.code == "picture_not_found"


def test_a_node_can_choose_only_its_own_takes(canvas: Canvas, elsewhere: Canvas) -> None:
    node_id, sibling = canvas.node(), canvas.node()
    own = canvas.take(node_id)
    canvas.apply(UpdateNode(node_id=node_id, selected_take_id=own))

    for take_id in (canvas.take(sibling), elsewhere.take(elsewhere.node()), new_id()):
        with pytest.raises(Invalid) as refused:
            canvas.apply(UpdateNode(node_id=node_id, selected_take_id=take_id))
        assert refused.value.code == "take_of_another_node"

    assert canvas.row(node_id).selected_take_id == own
    assert canvas.events()[-1].payload == {"node_id": str(node_id), "selected_take_id": str(own), "version": 2}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_that_is_rolled_back_leaves_no_event(canvas: Canvas, database: Database, edit: str) -> None:
    operation = EDITS[edit][1](canvas)
    before = canvas.shown()

    with database.unit_of_work() as session:
        operations.apply(session, canvas.project_id, operation, actor_id=canvas.owner_id, now=START)
        session.rollback()

    assert canvas.shown() == before
    assert canvas.events(before["rev"]) == []
    assert canvas.apply(operation) == before["rev"] + 1


def test_a_refusal_is_a_sentence_with_a_code(canvas: Canvas) -> None:
    with pytest.raises(Problem) as refused:
        canvas.apply(DeleteNode(node_id=new_id()))

    document = refused.value.document()
    assert (document["status"], document["code"]) == (404, "node_not_found")
    assert str(document["detail"]).endswith(".")


@pytest.mark.parametrize(
    ("type_", "changed"), [("frame", {"width": 900.5, "colour": "teal"}), ("note", {"text": "Ask Ada.", "height": 80})]
)
def test_a_frame_or_a_note_lives_as_any_node_and_takes_no_wires(canvas: Canvas, type_: str, changed: dict[str, Any]) -> None:
    node_id = canvas.node(type_, title="Scene 1")
    canvas.apply(UpdateNode(node_id=node_id, config=changed, position=Position(x=-40, y=8)))
    before = canvas.shown()["nodes"]
    canvas.apply(DeleteNode(node_id=node_id))
    assert canvas.shown()["nodes"] == []

    canvas.apply(RestoreNode(node_id=node_id))

    (node,) = canvas.shown()["nodes"]
    assert node == {**before[0], "version": 4}
    assert (node["type"], node["title"], node["state"]) == (type_, "Scene 1", "idle")
    assert {name: node["config"][name] for name in changed} == changed
    with pytest.raises(Invalid) as refused:
        canvas.apply(Connect(source_node_id=node_id, source_port="video", target_node_id=canvas.node(), target_port="video"))
    assert refused.value.code == "unknown_port"
