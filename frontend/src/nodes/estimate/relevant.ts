/** Whether a change of the graph can change what a run costs: a position or a title cannot. Pure. */

import type { Graph, GraphNode } from "@/live/graph";

/** Whether a run over `after` may differ from one over `before`. Looks at contents only where an object is another one. */
export function isRelevantChange(before: Graph, after: Graph): boolean {
  if (before.connections !== after.connections && !haveSameKeys(before.connections, after.connections)) {
    return true;
  }
  if (before.nodes === after.nodes) {
    return false;
  }
  if (before.nodes.size !== after.nodes.size) {
    return true;
  }
  for (const [nodeId, node] of after.nodes) {
    const known = before.nodes.get(nodeId);
    if (known !== node && (!known || isOtherWork(known, node))) {
      return true;
    }
  }
  return false;
}

function isOtherWork(before: GraphNode, after: GraphNode): boolean {
  return before.config !== after.config && JSON.stringify(before.config) !== JSON.stringify(after.config);
}

/** Wires never change; they come and go. */
function haveSameKeys(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean {
  return a.size === b.size && [...a.keys()].every((key) => b.has(key));
}
