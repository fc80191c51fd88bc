/** Auto-layout: left to right as the wires run, with what lies on a frame kept on it. Pure; runs in a worker, as it may take seconds. */

import { Graph as DagreGraph, layout } from "@dagrejs/dagre";
import { FRAME_PADDING, FRAME_TITLE, type LayoutPlace, type LayoutRequest } from "@/canvas/editing/layout-request";

/** Between nodes of one column, and between columns: room for the handles and the bend of a wire. */
const NODE_GAP = 40;
const COLUMN_GAP = 112;
/** Between groups of nodes that no wire joins. */
const ISLAND_GAP = 96;
/** How much wider than high the whole becomes. */
const WIDE = 1.6;

/** New places for all nodes of the request. The whole stays where it was by its top left corner. */
export function arrange({ nodes, wires }: LayoutRequest): LayoutPlace[] {
  const childrenOf = Map.groupBy(nodes, ({ frameId }) => frameId);
  const parentOf = new Map(nodes.map(({ id, frameId }) => [id, frameId]));
  const sizes = new Map<string, { width: number; height: number }>();
  const offsets = new Map<string, { x: number; y: number }>();

  const arrangeLevel = (frameId: string | null): Extent => {
    const children = childrenOf.get(frameId) ?? [];
    const boxes = children.map((child): Box => {
      const size = child.isFrame ? framed(arrangeLevel(child.id), child) : child;
      sizes.set(child.id, { width: size.width, height: size.height });
      return { ...child, width: size.width, height: size.height };
    });
    const level = arrangeBoxes(boxes, liftedWires(wires, frameId, parentOf));
    for (const { id, x, y } of level.places) {
      offsets.set(id, { x, y });
    }
    return level;
  };
  arrangeLevel(null);

  const top = childrenOf.get(null) ?? [];
  const origin = { x: Math.min(...top.map(({ x }) => x)), y: Math.min(...top.map(({ y }) => y)) };
  const placeOf = (id: string): { x: number; y: number } => {
    const offset = offsets.get(id) ?? { x: 0, y: 0 };
    const parent = parentOf.get(id) ?? null;
    const base = parent === null ? origin : inside(placeOf(parent));
    return { x: base.x + offset.x, y: base.y + offset.y };
  };
  return nodes.map(({ id, width, height }) => ({ id, ...placeOf(id), ...(sizes.get(id) ?? { width, height }) }));
}

interface Box {
  id: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

interface Extent {
  places: readonly { id: string; x: number; y: number }[];
  width: number;
  height: number;
}

function inside(frame: { x: number; y: number }): { x: number; y: number } {
  return { x: frame.x + FRAME_PADDING, y: frame.y + FRAME_PADDING + FRAME_TITLE };
}

/** The size of a frame around its content; an empty one stays as it is. */
function framed(content: Extent, frame: Box): { width: number; height: number } {
  return content.places.length === 0
    ? frame
    : { width: content.width + 2 * FRAME_PADDING, height: content.height + 2 * FRAME_PADDING + FRAME_TITLE };
}

type Wires = LayoutRequest["wires"];

/** The wires between the things of one level: a wire that ends on a frame's content pulls at the frame. */
function liftedWires(wires: Wires, frameId: string | null, parentOf: ReadonlyMap<string, string | null>): Wires {
  const lift = (id: string): string | null => {
    for (let current: string | null = id; current !== null; current = parentOf.get(current) ?? null) {
      if (parentOf.get(current) === frameId) {
        return current;
      }
    }
    return null;
  };
  return wires.flatMap((wire) => {
    const [source, target] = [lift(wire.source), lift(wire.target)];
    return source === null || target === null || source === target ? [] : [{ source, target }];
  });
}

/** Lay out each group that wires join by itself, and put the groups side by side: far faster than all at once. */
function arrangeBoxes(boxes: readonly Box[], wires: Wires): Extent {
  const groups = groupsOf(boxes, wires).sort(
    ([a], [b]) => (a && b ? a.y - b.y || a.x - b.x || a.id.localeCompare(b.id) : 0), // first things stay first
  );
  const wiresOf = Map.groupBy(wires, groupFinder(groups));
  return shelved(groups.map((group, index) => arrangeGroup(group, wiresOf.get(index) ?? [])));
}

function groupFinder(groups: readonly (readonly Box[])[]): (wire: Wires[number]) => number {
  const groupOf = new Map(groups.flatMap((group, index) => group.map(({ id }) => [id, index] as const)));
  return ({ source }) => groupOf.get(source) ?? -1;
}

/** Boxes by the wires that join them, each group from its topmost box on. */
function groupsOf(boxes: readonly Box[], wires: Wires): Box[][] {
  const neighbours = new Map<string, string[]>(boxes.map(({ id }) => [id, []]));
  for (const { source, target } of wires) {
    neighbours.get(source)?.push(target);
    neighbours.get(target)?.push(source);
  }
  const boxOf = new Map(boxes.map((box) => [box.id, box]));
  const seen = new Set<string>();
  const groups: Box[][] = [];
  for (const first of boxes.toSorted((a, b) => a.y - b.y || a.x - b.x)) {
    if (seen.has(first.id)) {
      continue;
    }
    const reached = new Set([first.id]);
    for (const id of reached) {
      seen.add(id);
      for (const next of neighbours.get(id) ?? []) {
        reached.add(next);
      }
    }
    groups.push([...reached].flatMap((id) => boxOf.get(id) ?? []));
  }
  return groups;
}

function arrangeGroup(boxes: readonly Box[], wires: Wires): Extent {
  const [only] = boxes;
  if (boxes.length === 1 && only) {
    return { places: [{ id: only.id, x: 0, y: 0 }], width: only.width, height: only.height };
  }
  const graph = new DagreGraph<object, { x: number; y: number; width: number; height: number }, object>();
  graph.setGraph({ rankdir: "LR", nodesep: NODE_GAP, ranksep: COLUMN_GAP });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of boxes.toSorted((a, b) => a.y - b.y || a.x - b.x)) {
    graph.setNode(id, { x: 0, y: 0, width, height });
  }
  for (const { source, target } of wires) {
    graph.setEdge(source, target);
  }
  layout(graph);
  const corners = boxes.map(({ id, width, height }) => {
    const { x, y } = graph.node(id); // the middle of the box
    return { id, x: x - width / 2, y: y - height / 2, width, height };
  });
  const left = Math.min(...corners.map(({ x }) => x));
  const top = Math.min(...corners.map(({ y }) => y));
  return {
    places: corners.map(({ id, x, y }) => ({ id, x: x - left, y: y - top })),
    width: Math.max(...corners.map(({ x, width }) => x + width)) - left,
    height: Math.max(...corners.map(({ y, height }) => y + height)) - top,
  };
}

/** Groups in rows, like books on shelves. */
function shelved(groups: readonly Extent[]): Extent {
  const area = groups.reduce((sum, { width, height }) => sum + (width + ISLAND_GAP) * (height + ISLAND_GAP), 0);
  const shelfWidth = Math.max(0, ...groups.map(({ width }) => width), Math.sqrt(area) * WIDE);
  let [x, y, shelfHeight, width] = [0, 0, 0, 0];
  const places = groups.flatMap((group) => {
    if (x > 0 && x + group.width > shelfWidth) {
      [x, y, shelfHeight] = [0, y + shelfHeight + ISLAND_GAP, 0];
    }
    const [left, top] = [x, y];
    x += group.width + ISLAND_GAP;
    shelfHeight = Math.max(shelfHeight, group.height);
    width = Math.max(width, left + group.width);
    return group.places.map((place) => ({ id: place.id, x: place.x + left, y: place.y + top }));
  });
  return { places, width, height: y + shelfHeight };
}
