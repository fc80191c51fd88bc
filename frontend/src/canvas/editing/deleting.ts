/** Taking things off the canvas. Pure. */

import { countWords, type EditStep, type NotDone } from "@/canvas/editing/edit-step";
import type { Selection } from "@/canvas/selection";
import type { Graph, GraphNode } from "@/live/graph";
import type { Edit } from "@/live/operations";

/**
 * Delete what is selected. A frame leaves what lies on it; a node at work stays, as the server would refuse the whole
 * step for it.
 */
export function deleteSelection(
  graph: Graph,
  { nodes, wires }: Selection,
  isAtWork: (nodeId: string) => boolean,
): EditStep | NotDone | null {
  const chosen = [...nodes].flatMap((id) => graph.nodes.get(id) ?? []);
  const gone = chosen.filter(({ id }) => !isAtWork(id));
  // The wires of a node go with it, and come back with it.
  const goneIds = new Set(gone.map(({ id }) => id));
  const cut = [...wires].filter((id) => {
    const wire = graph.connections.get(id);
    return wire && !goneIds.has(wire.source_node_id) && !goneIds.has(wire.target_node_id);
  });
  if (gone.length + cut.length === 0) {
    return chosen.length > 0 ? atWorkWords(chosen) : null;
  }
  const edits: Edit[] = [
    ...cut.map((connection_id): Edit => ({ op: "disconnect", connection_id })),
    ...gone.map(({ id }): Edit => ({ op: "delete_node", node_id: id })),
  ];
  const label = [
    gone.length > 0 && countWords(gone.length, "node"),
    cut.length > 0 && countWords(cut.length, "connection"),
  ];
  const select = chosen.filter(({ id }) => !goneIds.has(id)).map(({ id }) => id);
  return { label: `delete ${label.filter(Boolean).join(" and ")}`, edits, select };
}

function atWorkWords(nodes: readonly GraphNode[]): NotDone {
  const [only] = nodes;
  return {
    message:
      nodes.length === 1 && only ? `“${only.title}” is at work.` : `All ${nodes.length} selected nodes are at work.`,
    advice: "Cancel the work first; then it can be deleted.",
  };
}
