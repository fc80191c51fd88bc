"""The rules of a graph hold for every graph, not only for those somebody thought of."""

from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.core.kit.errors import Conflict, Invalid, NotFound, Problem
from services.core.kit.ids import new_id
from services.core.projects.graph import Graph, GraphNode, Wire, check_graph, check_wire, freeze, graph_node, make_graph

TYPES = ("image", "prompt", "video")
IDS = [UUID(int=number) for number in range(12)]
# Every wire that fits, and some that do not.
ENDS = [("prompt", "prompt"), ("image", "image"), ("image", "last_frame"), ("image", "references"), ("video", "video"), ("image", "prompt")]
CAPACITY = {"prompt": 1, "image": 1, "last_frame": 1, "references": 3, "video": 1}

# Mostly videos: only they can form chains.
nodes_of_any_kind = st.lists(st.sampled_from([*TYPES, "video", "video", "video"]), min_size=1, max_size=len(IDS)).map(
    lambda types: [graph_node(IDS[place], type_, f"{type_} {place}", {}) for place, type_ in enumerate(types)]
)
ends = st.tuples(st.integers(0, len(IDS) - 1), st.integers(0, len(IDS) - 1), st.sampled_from([*ENDS, *[ENDS[4]] * 6]))


def video(number: int) -> GraphNode:
    return graph_node(UUID(int=number), "video", f"Shot {number}", {})


def chain(length: int) -> Graph:
    nodes = [video(number) for number in range(length)]
    wires = [Wire(a.id, "video", b.id, "video") for a, b in pairwise(nodes)]
    return make_graph(nodes, wires)


def is_acyclic(wires: Sequence[Wire]) -> bool:
    sorter: TopologicalSorter[UUID] = TopologicalSorter()
    for wire in wires:
        sorter.add(wire.target_node_id, wire.source_node_id)
    try:
        sorter.prepare()
    except CycleError:
        return False
    return True


def may_be_added(nodes: Sequence[GraphNode], wires: Sequence[Wire], wire: Wire) -> bool:
    """The rules once more, as plainly as they can be said."""
    types = {node.id: node.type for node in nodes}
    given_by = {"image": "image", "prompt": "prompt", "video": "video"}
    taken = [known for known in wires if (known.target_node_id, known.target_port) == (wire.target_node_id, wire.target_port)]
    wanted = {"prompt": "prompt", "image": "image", "last_frame": "image", "references": "image", "video": "video"}
    return (
        types[wire.target_node_id] == "video"
        and given_by[types[wire.source_node_id]] == wire.source_port == wanted[wire.target_port]
        and wire not in wires
        and len(taken) < CAPACITY[wire.target_port]
        and is_acyclic([*wires, wire])
    )


@given(nodes=nodes_of_any_kind, attempts=st.lists(ends, max_size=40))
@settings(max_examples=150, deadline=None)
def test_a_wire_is_accepted_exactly_when_it_fits_is_new_and_closes_no_circle(
    nodes: list[GraphNode], attempts: list[tuple[int, int, tuple[str, str]]]
) -> None:
    wires: list[Wire] = []
    for source, target, (output, entry) in attempts:
        wire = Wire(nodes[source % len(nodes)].id, output, nodes[target % len(nodes)].id, entry)
        expected = may_be_added(nodes, wires, wire)
        try:
            check_wire(make_graph(nodes, wires), wire)
            accepted = True
        except Problem:
            accepted = False
        assert accepted == expected
        if accepted:
            wires.append(wire)
    assert is_acyclic(wires)
    check_graph(make_graph(nodes, wires))


@given(nodes=nodes_of_any_kind, attempts=st.lists(ends, max_size=12))
@settings(max_examples=150, deadline=None)
def test_a_whole_graph_is_accepted_exactly_when_its_wires_could_be_added_one_by_one(
    nodes: list[GraphNode], attempts: list[tuple[int, int, tuple[str, str]]]
) -> None:
    wires = [
        Wire(nodes[source % len(nodes)].id, output, nodes[target % len(nodes)].id, entry) for source, target, (output, entry) in attempts
    ]
    try:
        for place, wire in enumerate(wires):
            check_wire(make_graph(nodes, wires[:place]), wire)
        expected = True
    except Problem:
        expected = False

    try:
        check_graph(make_graph(nodes, wires))
        accepted = True
    except Problem:
        accepted = False

    assert accepted == expected


@st.composite
def acyclic_graphs(draw: st.DrawFn) -> Graph:
    """Any graph without a circle, its nodes in any order. More wires than ports take: the order does not care."""
    count = draw(st.integers(1, len(IDS)))
    pairs = draw(st.sets(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(lambda pair: pair[0] < pair[1])))
    listed = draw(st.permutations([video(number) for number in range(count)]))
    return make_graph(listed, [Wire(IDS[a], "video", IDS[b], "video") for a, b in sorted(pairs)])


@given(graph=acyclic_graphs(), data=st.data())
@settings(max_examples=150, deadline=None)
def test_in_order_places_each_node_after_all_that_feed_it(graph: Graph, data: st.DataObject) -> None:
    wanted = data.draw(st.sets(st.sampled_from(list(graph.nodes))))

    ordered = [node.id for node in graph.in_order(wanted)]

    assert set(ordered) == wanted
    assert len(ordered) == len(wanted)
    place = {id_: number for number, id_ in enumerate(ordered)}
    for later in wanted:
        for earlier in wanted:
            if later in graph.descendants(earlier):
                assert place[earlier] < place[later]


@given(graph=acyclic_graphs())
@settings(max_examples=100, deadline=None)
def test_descendants_are_what_a_walk_along_the_wires_reaches(graph: Graph) -> None:
    for start in graph.nodes:
        reached: set[UUID] = set()
        while True:
            further = {wire.target_node_id for wire in graph.wires if wire.source_node_id in reached | {start}}
            if further <= reached:
                break
            reached |= further
        assert graph.descendants(start) == reached


def test_nodes_that_do_not_feed_each_other_keep_their_order() -> None:
    nodes = [video(number) for number in (4, 1, 3)]

    assert make_graph(nodes, []).in_order(node.id for node in nodes) == nodes


def test_a_chain_longer_than_python_nests_functions_is_put_in_order() -> None:
    graph = chain(5_000)

    ordered = make_graph(reversed(list(graph.nodes.values())), graph.wires).in_order(graph.nodes)

    assert ordered == list(graph.nodes.values())
    with pytest.raises(Invalid, match="make a circle"):
        check_wire(graph, Wire(UUID(int=4_999), "video", UUID(int=0), "video"))


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_whole_graph_with_a_circle_is_refused(length: int) -> None:
    graph = chain(length)
    closing = Wire(UUID(int=length - 1), "video", UUID(int=0), "video")

    with pytest.raises(Invalid) as refused:
        check_graph(make_graph(graph.nodes.values(), [*graph.wires, closing]))

    assert refused.value.code == "cycle"


def test_sources_come_in_the_order_they_were_wired() -> None:
    images = [graph_node(UUID(int=number), "image", "", {}) for number in range(3)]
    target = video(9)
    wires = [Wire(image.id, "image", target.id, "references") for image in reversed(images)]

    graph = make_graph([*images, target], wires)

    assert graph.sources(target.id, "references") == images[::-1]
    assert graph.upstream(target.id) == images[::-1]
    assert graph.sources(target.id, "image") == []


def test_wires_to_nodes_that_are_not_there_are_left_out() -> None:
    graph = make_graph([video(0)], [Wire(UUID(int=0), "video", UUID(int=1), "video"), Wire(UUID(int=1), "video", UUID(int=0), "video")])

    assert graph.wires == ()


def test_a_node_that_is_not_in_the_graph_is_not_found() -> None:
    with pytest.raises(NotFound, match="There is no node"):
        chain(2).node(new_id())


def test_a_refusal_names_the_nodes_by_their_titles() -> None:
    graph = chain(2)

    with pytest.raises(Conflict) as refused:
        check_wire(graph, graph.wires[0])

    assert refused.value.message == "'Shot 0' is already connected to 'Video to extend' of 'Shot 1'."


def test_a_frozen_graph_is_plain_json_of_nodes_and_connections() -> None:
    take_id = new_id()
    prompt = graph_node(UUID(int=1), "prompt", "Words", {"text": "A fox"})
    target = graph_node(UUID(int=2), "video", "Shot", {}, take_id)

    frozen = freeze(make_graph([prompt, target], [Wire(prompt.id, "prompt", target.id, "prompt")]))

    assert [node["title"] for node in frozen["nodes"]] == ["Words", "Shot"]
    assert frozen["nodes"][0]["config"] == {"text": "A fox", "enhanced": None, "use": "text"}
    assert frozen["nodes"][1]["selected_take_id"] == str(take_id)
    assert frozen["connections"] == [
        {"source_node_id": str(prompt.id), "source_port": "prompt", "target_node_id": str(target.id), "target_port": "prompt"}
    ]
