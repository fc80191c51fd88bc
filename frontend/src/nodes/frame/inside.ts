/** Which nodes lie in a frame, and what was spent on them. Pure. */

import type { Take } from "@/api/media";
import type { Graph, GraphNode } from "@/live/graph";
import type { Size } from "@/nodes/geometry";

/** Nodes whose middle lies in a frame of this size; frames and notes are no work, and count for nothing. */
export function nodesInside(
  nodes: Graph["nodes"],
  frame: GraphNode,
  size: Size,
  sizeOf: (node: GraphNode) => Size,
): string[] {
  const { x, y } = frame.position;
  const found: string[] = [];
  for (const node of nodes.values()) {
    const isNear = node.position.x < x + size.width && node.position.y < y + size.height;
    if (node.id === frame.id || node.type === "frame" || node.type === "note" || !isNear) {
      continue;
    }
    const { width, height } = sizeOf(node);
    const centre = { x: node.position.x + width / 2, y: node.position.y + height / 2 };
    if (centre.x >= x && centre.x <= x + size.width && centre.y >= y && centre.y <= y + size.height) {
      found.push(node.id);
    }
  }
  return found;
}

/** What all takes of these nodes cost, in millionths of a US dollar. */
export function spentOn(takes: Iterable<Pick<Take, "node_id" | "cost_microusd">>, nodeIds: readonly string[]): number {
  const inside = new Set(nodeIds);
  let sum = 0;
  for (const { node_id, cost_microusd } of takes) {
    sum += inside.has(node_id) ? cost_microusd : 0;
  }
  return sum;
}
