"""The rules of a graph: ports that fit, no cycles, order of work. Pure: no database, no framework."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any
from uuid import UUID

from services.core.kit.errors import Conflict, Invalid, NotFound
from services.core.projects.node_types import AnyConfig, Port, find_node_type, parse_config


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A node as the rules see it."""

    id: UUID
    type: str
    title: str
    config: AnyConfig
    selected_take_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Wire:
    """From an output port to an input port."""

    source_node_id: UUID
    source_port: str
    target_node_id: UUID
    target_port: str


@dataclass(frozen=True)
class Graph:
    """Nodes and wires of one project at one moment."""

    nodes: Mapping[UUID, GraphNode]
    wires: tuple[Wire, ...]

    @cached_property
    def _into(self) -> Mapping[UUID, list[Wire]]:
        """Wires by the node they lead to: a canvas of ten thousand nodes cannot be searched wire by wire for each of them."""
        into: defaultdict[UUID, list[Wire]] = defaultdict(list)
        for wire in self.wires:
            into[wire.target_node_id].append(wire)
        return into

    @cached_property
    def _out_of(self) -> Mapping[UUID, list[Wire]]:
        """Wires by the node they come from."""
        out_of: defaultdict[UUID, list[Wire]] = defaultdict(list)
        for wire in self.wires:
            out_of[wire.source_node_id].append(wire)
        return out_of

    def node(self, node_id: UUID) -> GraphNode:
        """The node of that id; NotFound otherwise."""
        if node_id not in self.nodes:
            raise NotFound("node_not_found", f"There is no node {node_id} in this project.", "It may have been deleted; reload the canvas.")
        return self.nodes[node_id]

    def wires_into(self, node_id: UUID, port: str | None = None) -> list[Wire]:
        """Wires that lead to a node, or to one of its ports, in the order they were added."""
        return [wire for wire in self._into.get(node_id, ()) if port in (None, wire.target_port)]

    def sources(self, node_id: UUID, port: str) -> list[GraphNode]:
        """Nodes wired into an input port, in the order they were wired."""
        return [self.nodes[wire.source_node_id] for wire in self.wires_into(node_id, port)]

    def upstream(self, node_id: UUID) -> list[GraphNode]:
        """All nodes wired into any input of a node."""
        return [self.nodes[wire.source_node_id] for wire in self.wires_into(node_id)]

    def descendants(self, node_id: UUID) -> set[UUID]:
        """All nodes that a node's output reaches, without itself."""
        found: set[UUID] = set()
        frontier = [node_id]
        while frontier:
            reached = {wire.target_node_id for wire in self._out_of.get(frontier.pop(), ())} - found
            found |= reached
            frontier += reached
        return found

    def in_order(self, node_ids: Iterable[UUID]) -> list[GraphNode]:
        """These nodes so that each comes after all that feed it; where nothing feeds the other, in the order of `nodes`."""
        wanted = set(node_ids)
        placed: dict[UUID, GraphNode] = {}
        entered: set[UUID] = set()
        for first in self.nodes:
            # A walk to the sources with a stack of its own: a chain may be longer than Python lets functions nest.
            path = [] if first in entered else [first]
            while path:
                current = path[-1]
                entered.add(current)
                before = next((node.id for node in self.upstream(current) if node.id not in entered), None)
                if before is not None:
                    path.append(before)
                else:
                    placed[path.pop()] = self.nodes[current]
        return [node for node in placed.values() if node.id in wanted]


def check_wire(graph: Graph, wire: Wire) -> None:
    """Raise Invalid or Conflict where `wire` may not be added: unknown or unfitting port, port taken, cycle, repeated."""
    entry = _check_ports(graph, wire)
    source, target = graph.node(wire.source_node_id), graph.node(wire.target_node_id)
    present = graph.wires_into(target.id, entry.name)
    if wire in present:
        raise _already_connected(graph, wire, entry)
    if source.id == target.id or source.id in graph.descendants(target.id):
        raise _cycle(source, target)
    if len(present) >= entry.wires:
        raise _port_is_taken(target, entry)


def check_graph(graph: Graph) -> None:
    """Raise what check_wire would where the wires could not have been added one by one; in one pass, for graphs from files."""
    present: set[Wire] = set()
    used: Counter[tuple[UUID, str]] = Counter()
    for wire in graph.wires:
        entry = _check_ports(graph, wire)
        if wire in present:
            raise _already_connected(graph, wire, entry)
        present.add(wire)
        used[wire.target_node_id, entry.name] += 1
        if used[wire.target_node_id, entry.name] > entry.wires:
            raise _port_is_taken(graph.node(wire.target_node_id), entry)
    try:
        TopologicalSorter({id_: {source.id for source in graph.upstream(id_)} for id_ in graph.nodes}).prepare()
    except CycleError as error:
        circle: list[UUID] = error.args[1]
        raise _cycle(graph.nodes[circle[0]], graph.nodes[circle[1]]) from None


def _check_ports(graph: Graph, wire: Wire) -> Port:
    """The input port that `wire` leads to. Raises where an end does not exist, or what comes out does not go in."""
    source, target = graph.node(wire.source_node_id), graph.node(wire.target_node_id)
    output = _port(find_node_type(source.type).outputs, wire.source_port, source, "output")
    entry = _port(find_node_type(target.type).inputs, wire.target_port, target, "input")
    if output.type != entry.type:
        raise Invalid(
            "ports_do_not_fit",
            f"{source.title!r} gives {output.type.value}, but {entry.title!r} of {target.title!r} takes {entry.type.value}.",
            "Connect it to a port of the same type.",
            source_type=output.type.value,
            target_type=entry.type.value,
        )
    return entry


def _port(ports: tuple[Port, ...], name: str, node: GraphNode, side: str) -> Port:
    for port in ports:
        if port.name == name:
            return port
    names = ", ".join(port.name for port in ports) or "none"
    raise Invalid(
        "unknown_port", f"{node.title!r} has no {side} port {name!r}.", f"Its {side} ports: {names}.", ports=[p.name for p in ports]
    )


def _already_connected(graph: Graph, wire: Wire, entry: Port) -> Conflict:
    source, target = graph.node(wire.source_node_id), graph.node(wire.target_node_id)
    return Conflict("already_connected", f"{source.title!r} is already connected to {entry.title!r} of {target.title!r}.")


def _cycle(source: GraphNode, target: GraphNode) -> Invalid:
    return Invalid(
        "cycle",
        f"{target.title!r} already feeds {source.title!r}; connecting back would make a circle.",
        "Remove a connection of the circle, or duplicate the node.",
    )


def _port_is_taken(target: GraphNode, entry: Port) -> Conflict:
    return Conflict(
        "port_is_taken",
        f"{entry.title!r} of {target.title!r} takes {entry.wires} connection{'s' if entry.wires > 1 else ''} and has them.",
        "Remove a connection from this port first.",
    )


def freeze(graph: Graph) -> dict[str, Any]:
    """The graph as JSON, to be kept with a run; without the nodes that do no work."""
    return {
        "nodes": [
            {
                "id": str(node.id),
                "type": node.type,
                "title": node.title,
                "config": node.config.model_dump(mode="json"),
                "selected_take_id": str(node.selected_take_id) if node.selected_take_id else None,
            }
            for node in graph.nodes.values()
            if find_node_type(node.type).works
        ],
        "connections": [
            {
                "source_node_id": str(wire.source_node_id),
                "source_port": wire.source_port,
                "target_node_id": str(wire.target_node_id),
                "target_port": wire.target_port,
            }
            for wire in graph.wires
        ],
    }


def make_graph(nodes: Iterable[GraphNode], wires: Iterable[Wire]) -> Graph:
    """A graph of these nodes, without wires that lead to nodes that are not among them."""
    by_id = {node.id: node for node in nodes}
    return Graph(by_id, tuple(w for w in wires if w.source_node_id in by_id and w.target_node_id in by_id))


def graph_node(id_: UUID, type_: str, title: str, config: dict[str, Any], selected_take_id: UUID | None = None) -> GraphNode:
    """A node from stored JSON; raises Invalid where the settings do not fit its type."""
    return GraphNode(id_, type_, title, parse_config(type_, config), selected_take_id)
