/** What auto-layout is asked to do with a project, and what its answer comes to: one step to undo. Pure. */

import { boundsOf, contentsOf, innermostFrames, isFrame, snapped, unionOf } from "@/canvas/editing/bounds";
import { countWords, type EditStep } from "@/canvas/editing/edit-step";
import { FRAME_PADDING, type LayoutNode, type LayoutPlace, type LayoutRequest } from "@/canvas/editing/layout-request";
import { contentsOfFrames } from "@/canvas/editing/moving";
import type { Graph, GraphNode } from "@/live/graph";
import type { Edit } from "@/live/operations";

/** The nodes to lay out: the selection with what lies on its frames, if it is more than one node; else all. */
export function nodesToArrange(graph: Graph, selected: ReadonlySet<string>): ReadonlySet<string> {
  return selected.size > 1 ? contentsOfFrames(graph, selected) : new Set(graph.nodes.keys());
}

/** One request for each place that nodes may not leave: the canvas itself, and each frame that is not moved as a whole. */
export function layoutRequests(graph: Graph, nodeIds: ReadonlySet<string>): LayoutRequest[] {
  const frameOf = innermostFrames(graph);
  const nodes = [...nodeIds].flatMap((id) => graph.nodes.get(id) ?? []);
  /** The frame that the outermost moved thing around a node lies on, itself unmoved. */
  const rootOf = (id: string): string | null => {
    let frame = frameOf.get(id) ?? null;
    while (frame !== null && nodeIds.has(frame)) {
      frame = frameOf.get(frame) ?? null;
    }
    return frame;
  };
  const wires = [...graph.connections.values()]
    .filter((wire) => nodeIds.has(wire.source_node_id) && nodeIds.has(wire.target_node_id))
    .map((wire) => ({ source: wire.source_node_id, target: wire.target_node_id }));
  return [...Map.groupBy(nodes, ({ id }) => rootOf(id)).values()].map((together) => {
    const ids = new Set(together.map(({ id }) => id));
    return {
      nodes: together.map((node) => layoutNode(node, frameOf, ids)),
      wires: wires.filter(({ source, target }) => ids.has(source) && ids.has(target)),
    };
  });
}

function layoutNode(node: GraphNode, frameOf: ReadonlyMap<string, string>, together: ReadonlySet<string>): LayoutNode {
  const frame = frameOf.get(node.id);
  return {
    id: node.id,
    ...boundsOf(node),
    frameId: frame !== undefined && together.has(frame) ? frame : null,
    isFrame: isFrame(node),
  };
}

/** The step that brings nodes to the new places. Frames that were not laid out grow where their content needs it. */
export function layoutStep(graph: Graph, places: readonly LayoutPlace[]): EditStep | null {
  const edits: Edit[] = [];
  const laidOut = new Map(places.map((place) => [place.id, place]));
  for (const place of places) {
    const node = graph.nodes.get(place.id); // it may have been deleted meanwhile
    if (!node) {
      continue;
    }
    const position = snapped(place);
    const bounds = boundsOf(node);
    const size = { width: Math.ceil(place.width), height: Math.ceil(place.height) };
    const isResized = isFrame(node) && (size.width !== bounds.width || size.height !== bounds.height);
    const isMoved = position.x !== node.position.x || position.y !== node.position.y;
    if (isMoved || isResized) {
      const config = isResized ? { config: size } : {};
      edits.push({ op: "update_node", node_id: node.id, ...(isMoved ? { position } : {}), ...config });
    }
  }
  edits.push(...grownFrames(graph, laidOut));
  return edits.length === 0 ? null : { label: `lay out ${countWords(places.length, "node")}`, edits };
}

function grownFrames(graph: Graph, laidOut: ReadonlyMap<string, LayoutPlace>): Edit[] {
  return [...graph.nodes.values()]
    .filter((node) => isFrame(node) && !laidOut.has(node.id))
    .flatMap((frame): Edit[] => {
      const before = boundsOf(frame);
      const inside = unionOf(contentsOf(graph, frame).flatMap(({ id }) => laidOut.get(id) ?? []));
      if (!inside) {
        return [];
      }
      const width = Math.ceil(Math.max(before.width, inside.x + inside.width + FRAME_PADDING - before.x));
      const height = Math.ceil(Math.max(before.height, inside.y + inside.height + FRAME_PADDING - before.y));
      return width === before.width && height === before.height
        ? []
        : [{ op: "update_node", node_id: frame.id, config: { width, height } }];
    });
}
