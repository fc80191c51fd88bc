/** Which nodes to select. Pure. */

import { type Graph, wiresInto, wiresOutOf } from "@/live/graph";

/** Every node that is of a kind of one of these. */
export function ofSameKind(graph: Graph, nodeIds: Iterable<string>): string[] {
  const kinds = new Set([...nodeIds].map((id) => graph.nodes.get(id)?.type));
  return [...graph.nodes.values()].filter(({ type }) => kinds.has(type)).map(({ id }) => id);
}

/** These nodes, and all that wires join them with, in whichever direction. */
export function connectedWith(graph: Graph, nodeIds: Iterable<string>): string[] {
  const found = new Set(nodeIds);
  // A set can be walked while it grows.
  for (const id of found) {
    for (const wire of wiresInto(graph, id)) {
      found.add(wire.source_node_id);
    }
    for (const wire of wiresOutOf(graph, id)) {
      found.add(wire.target_node_id);
    }
  }
  return [...found].filter((id) => graph.nodes.has(id));
}
