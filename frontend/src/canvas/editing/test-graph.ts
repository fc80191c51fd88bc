/** Builders for the tests of editing: a graph, and ids that can be foretold. */

import type { NewId } from "@/canvas/editing/edit-step";
import { type Graph, graphOf } from "@/live/graph";
import { aNode, aProject } from "@/live/test-builders";
import type { WireConnection, WireNode } from "@/live/wire";

export function aGraph(nodes: readonly WireNode[], wires: readonly WireConnection[] = []): Graph {
  return graphOf(aProject([...nodes], { connections: [...wires] }));
}

/** A node at a place; its title is its id. */
export function nodeAt(id: string, x: number, y: number, changes: Partial<WireNode> = {}): WireNode {
  return aNode({ id, title: id, type: "prompt", position: { x, y }, ...changes });
}

export function frameAt(id: string, x: number, y: number, width: number, height: number): WireNode {
  return nodeAt(id, x, y, { type: "frame", config: { width, height, colour: "plain" } });
}

/** A wire from `source` to `target`, whose id tells both. */
export function aWire(source: string, target: string, targetPort = "prompt", sourcePort = "prompt"): WireConnection {
  return {
    id: `${source}-${target}`,
    source_node_id: source,
    source_port: sourcePort,
    target_node_id: target,
    target_port: targetPort,
  };
}

/** new-1, new-2, ... */
export function countedIds(): NewId {
  let count = 0;
  return () => `new-${++count}`;
}
