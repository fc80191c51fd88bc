"""Wires: what fits, what would close a circle, and what comes back with a restored node."""

from itertools import pairwise
from uuid import UUID

import pytest

from services.core.kit.database import Database
from services.core.kit.errors import Conflict, Invalid, Problem
from services.core.projects.model import Connection
from services.core.projects.operations import Connect, CreateNode, DeleteNode, Disconnect, Operation, RestoreNode, apply
from tests.services.core.projects.canvas import START, Canvas


def refusal(canvas: Canvas, source: UUID, source_port: str, target: UUID, target_port: str) -> Problem:
    """Why this wire is not taken."""
    before = canvas.shown()
    operation = Connect(source_node_id=source, source_port=source_port, target_node_id=target, target_port=target_port)
    with pytest.raises(Problem) as refused:
        canvas.apply(operation)
    assert canvas.shown() == before
    return refused.value


def test_ports_of_different_types_do_not_fit(canvas: Canvas) -> None:
    problem = refusal(canvas, canvas.node("image", title="Ada"), "image", canvas.node("video", title="Opening"), "prompt")

    assert problem.code == "ports_do_not_fit"
    assert problem.message == "'Ada' gives image, but 'Prompt' of 'Opening' takes text."


def test_a_port_that_does_not_exist_is_named_with_those_that_do(canvas: Canvas) -> None:
    prompt, video = canvas.node("prompt"), canvas.node("video")

    assert refusal(canvas, prompt, "text", video, "prompt").facts["ports"] == ["prompt"]
    assert refusal(canvas, prompt, "prompt", video, "negative").facts["ports"] == ["prompt", "image", "last_frame", "references", "video"]
    problem = refusal(canvas, video, "video", prompt, "prompt")
    assert (problem.code, problem.facts["ports"]) == ("unknown_port", [])


def test_a_port_takes_as_many_wires_as_it_says(canvas: Canvas) -> None:
    video = canvas.node("video")
    canvas.wire(canvas.node("prompt"), video, "prompt")
    for _ in range(3):
        canvas.wire(canvas.node("image"), video, "references")

    second = refusal(canvas, canvas.node("prompt"), "prompt", video, "prompt")
    fourth = refusal(canvas, canvas.node("image"), "image", video, "references")

    assert isinstance(second, Conflict) and isinstance(fourth, Conflict)
    assert (second.code, fourth.code) == ("port_is_taken", "port_is_taken")
    assert "takes 1 connection and has them" in second.message
    assert "takes 3 connections and has them" in fourth.message


def test_a_freed_port_takes_a_wire_again(canvas: Canvas) -> None:
    video, second = canvas.node("video"), canvas.node("prompt")
    wire = canvas.wire(canvas.node("prompt"), video, "prompt")

    canvas.apply(Disconnect(connection_id=wire))
    canvas.wire(second, video, "prompt")

    assert canvas.wires() == [(second, video, "prompt")]


def test_the_same_wire_twice_is_refused(canvas: Canvas) -> None:
    image, video = canvas.node("image"), canvas.node("video")
    canvas.wire(image, video, "references")

    assert refusal(canvas, image, "image", video, "references").code == "already_connected"


def test_one_picture_may_serve_two_ports(canvas: Canvas) -> None:
    image, video = canvas.node("image"), canvas.node("video")
    canvas.wire(image, video, "image")
    canvas.wire(image, video, "last_frame")

    assert len(canvas.wires()) == 2


@pytest.mark.parametrize("length", [1, 2, 3, 30])
def test_a_circle_of_any_length_is_refused(canvas: Canvas, length: int) -> None:
    nodes = [canvas.node("video", title=f"Shot {place}") for place in range(length)]
    for source, target in pairwise(nodes):
        canvas.wire(source, target, "video")

    problem = refusal(canvas, nodes[-1], "video", nodes[0], "video")

    assert isinstance(problem, Invalid)
    assert problem.code == "cycle"


def test_what_one_transaction_adds_keeps_the_order_it_was_added_in(canvas: Canvas, database: Database) -> None:
    video = canvas.node("video")
    images = [CreateNode(type="image", title=str(place)) for place in range(20)]
    first_three = [
        Connect(source_node_id=image.node_id, source_port="image", target_node_id=video, target_port="references") for image in images[:3]
    ]
    with database.unit_of_work() as session:
        operations: list[Operation] = [*images, *first_three]
        for operation in operations:
            apply(session, canvas.project_id, operation, actor_id=canvas.owner_id, now=START)

    assert [node["title"] for node in canvas.shown()["nodes"]] == ["Video", *(str(place) for place in range(20))]
    assert [source for source, _, _ in canvas.wires()] == [image.node_id for image in images[:3]]


def test_a_deleted_node_takes_its_wires_off_the_canvas_and_brings_them_back(canvas: Canvas) -> None:
    prompt, first, second = canvas.node("prompt"), canvas.node("video"), canvas.node("video")
    canvas.wire(prompt, first, "prompt")
    canvas.wire(first, second, "video")
    before = canvas.shown()

    canvas.apply(DeleteNode(node_id=first))
    assert canvas.wires() == []
    canvas.apply(RestoreNode(node_id=first))

    after = canvas.shown()
    assert after["connections"] == before["connections"]
    assert [node["id"] for node in after["nodes"]] == [node["id"] for node in before["nodes"]]
    told = canvas.events()[-1]
    assert (told.type, told.payload["connections"]) == ("node.restored", before["connections"])


def test_a_wire_comes_back_only_when_both_its_nodes_have(canvas: Canvas) -> None:
    first, second = canvas.node("video"), canvas.node("video")
    canvas.wire(first, second, "video")
    for node_id in (first, second):
        canvas.apply(DeleteNode(node_id=node_id))

    canvas.apply(RestoreNode(node_id=first))
    assert canvas.wires() == []
    canvas.apply(RestoreNode(node_id=second))
    assert canvas.wires() == [(first, second, "video")]


def test_a_wire_whose_port_was_taken_meanwhile_does_not_come_back(canvas: Canvas, database: Database) -> None:
    old, new, video = canvas.node("prompt"), canvas.node("prompt"), canvas.node("video")
    gone = canvas.wire(old, video, "prompt")
    canvas.apply(DeleteNode(node_id=old))
    canvas.wire(new, video, "prompt")

    canvas.apply(RestoreNode(node_id=old))

    assert canvas.wires() == [(new, video, "prompt")]
    assert canvas.events()[-1].payload["connections"] == []
    with database.unit_of_work() as session:
        assert session.get(Connection, gone) is None


def test_a_wire_that_would_close_a_circle_does_not_come_back(canvas: Canvas) -> None:
    first, middle, last = (canvas.node("video") for _ in range(3))
    canvas.wire(first, middle, "video")
    canvas.wire(middle, last, "video")
    canvas.apply(DeleteNode(node_id=middle))
    canvas.wire(last, first, "video")

    canvas.apply(RestoreNode(node_id=middle))

    assert canvas.wires() == [(first, middle, "video"), (last, first, "video")]


def test_restoring_a_node_that_is_there_keeps_its_wires(canvas: Canvas) -> None:
    prompt, video = canvas.node("prompt"), canvas.node("video")
    canvas.wire(prompt, video, "prompt")

    canvas.apply(RestoreNode(node_id=video))

    assert canvas.wires() == [(prompt, video, "prompt")]
