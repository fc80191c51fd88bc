/** Moving nodes: what lies on a frame goes with it. Pure. */

import { boundsOf, contentsOf, isFrame } from "@/canvas/editing/bounds";
import { countWords, type EditStep } from "@/canvas/editing/edit-step";
import type { Graph, GraphNode, Position } from "@/live/graph";
import type { Edit } from "@/live/operations";

/** A selection, and all that lies on its frames. */
export function contentsOfFrames(graph: Graph, nodeIds: Iterable<string>): ReadonlySet<string> {
  const whole = new Set(nodeIds);
  for (const id of [...whole]) {
    const node = graph.nodes.get(id);
    for (const inside of node && isFrame(node) ? contentsOf(graph, node) : []) {
      whole.add(inside.id);
    }
  }
  return whole;
}

/** The nodes of a selection that move by themselves: what lies on a selected frame is carried by it. */
export function carriers(graph: Graph, nodeIds: Iterable<string>): GraphNode[] {
  const nodes = [...nodeIds].flatMap((id) => graph.nodes.get(id) ?? []);
  const carried = new Set(nodes.filter(isFrame).flatMap((frame) => contentsOf(graph, frame).map(({ id }) => id)));
  return nodes.filter(({ id }) => !carried.has(id));
}

/** Bring nodes to exactly these places, at the end of a drag for example. Null where nothing moves. */
export function placeStep(graph: Graph, places: ReadonlyMap<string, Position>, label?: string): EditStep | null {
  const edits: Edit[] = [];
  for (const [node_id, position] of places) {
    const before = graph.nodes.get(node_id)?.position;
    if (before && (before.x !== position.x || before.y !== position.y)) {
      edits.push({ op: "update_node", node_id, position });
    }
  }
  return edits.length === 0 ? null : { label: label ?? `move ${countWords(edits.length, "node")}`, edits };
}

/** Bring nodes to new places; what lies on those that are frames comes along. Null where nothing moves. */
export function moveStep(graph: Graph, places: ReadonlyMap<string, Position>, label?: string): EditStep | null {
  const moved = new Map<string, Position>();
  for (const [nodeId, place] of places) {
    const node = graph.nodes.get(nodeId);
    if (!node) {
      continue;
    }
    const by = { x: place.x - node.position.x, y: place.y - node.position.y };
    for (const along of isFrame(node) ? contentsOf(graph, node) : []) {
      if (!places.has(along.id)) {
        moved.set(along.id, { x: along.position.x + by.x, y: along.position.y + by.y });
      }
    }
    moved.set(nodeId, place);
  }
  return placeStep(graph, moved, label);
}

/** Move a selection by so much. */
export function nudge(graph: Graph, nodeIds: Iterable<string>, by: Position): EditStep | null {
  const places = carriers(graph, nodeIds).map(
    ({ id, position }) => [id, { x: position.x + by.x, y: position.y + by.y }] as const,
  );
  return moveStep(graph, new Map(places));
}

export const ALIGNMENTS = ["left", "centre", "right", "top", "middle", "bottom"] as const;
export type Alignment = (typeof ALIGNMENTS)[number];

/** Line a selection up along one of its sides, or its middle. */
export function align(graph: Graph, nodeIds: Iterable<string>, alignment: Alignment): EditStep | null {
  const nodes = carriers(graph, nodeIds);
  const rects = nodes.map(boundsOf);
  const left = Math.min(...rects.map(({ x }) => x));
  const right = Math.max(...rects.map(({ x, width }) => x + width));
  const top = Math.min(...rects.map(({ y }) => y));
  const bottom = Math.max(...rects.map(({ y, height }) => y + height));
  const places = nodes.map((node) => {
    const { x, y, width, height } = boundsOf(node);
    const place: Record<Alignment, Position> = {
      left: { x: left, y },
      centre: { x: (left + right - width) / 2, y },
      right: { x: right - width, y },
      top: { x, y: top },
      middle: { x, y: (top + bottom - height) / 2 },
      bottom: { x, y: bottom - height },
    };
    return [node.id, place[alignment]] as const;
  });
  return moveStep(graph, new Map(places), `align ${countWords(nodes.length, "node")}`);
}

export type Direction = "horizontal" | "vertical";

/** Make the gaps between three nodes or more the same; the outermost two stay where they are. */
export function distribute(graph: Graph, nodeIds: Iterable<string>, direction: Direction): EditStep | null {
  const isAcross = direction === "horizontal";
  const spans = carriers(graph, nodeIds)
    .map((node) => {
      const { x, y, width, height } = boundsOf(node);
      return { node, start: isAcross ? x : y, length: isAcross ? width : height };
    })
    .sort((a, b) => a.start + a.length / 2 - (b.start + b.length / 2));
  const [first, last] = [spans.at(0), spans.at(-1)];
  if (spans.length < 3 || !first || !last) {
    return null;
  }
  const room = last.start - (first.start + first.length);
  const inner = spans.slice(1, -1);
  const gap = (room - inner.reduce((sum, { length }) => sum + length, 0)) / (spans.length - 1);
  let start = first.start + first.length + gap;
  const places = new Map<string, Position>();
  for (const { node, length } of inner) {
    places.set(node.id, isAcross ? { x: start, y: node.position.y } : { x: node.position.x, y: start });
    start += length + gap;
  }
  return moveStep(graph, places, `distribute ${countWords(spans.length, "node")}`);
}
