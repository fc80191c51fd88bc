/** Where nodes lie and where there is room for more. Pure. */

import type { Rect } from "@/canvas/canvas-view";
import type { Graph, GraphNode, Position } from "@/live/graph";
import { nodeDefinition } from "@/nodes/registry";

/** Positions are multiples of this, so that what was placed by hand can be lined up. */
export const GRID = 4;
/** What the canvas leaves free around a node that it places itself. */
export const GAP = 32;

export function boundsOf({ type, config, position }: Pick<GraphNode, "type" | "config" | "position">): Rect {
  return { ...position, ...nodeDefinition(type).size(config) };
}

/** The smallest rectangle around all of these; null around nothing. */
export function unionOf(rects: Iterable<Rect>): Rect | null {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y, width, height } of rects) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + width);
    bottom = Math.max(bottom, y + height);
  }
  return left === Infinity ? null : { x: left, y: top, width: right - left, height: bottom - top };
}

export function centreOf({ x, y, width, height }: Rect): Position {
  return { x: x + width / 2, y: y + height / 2 };
}

/** A position on the grid of the canvas. */
export function snapped({ x, y }: Position): Position {
  return { x: Math.round(x / GRID) * GRID, y: Math.round(y / GRID) * GRID };
}

export function isFrame(node: Pick<GraphNode, "type">): boolean {
  return node.type === "frame";
}

/** Whether a frame holds something that lies there: the centre of it decides, so that nothing is in two places by a hair. */
export function holds(frame: Rect, thing: Rect): boolean {
  const { x, y } = centreOf(thing);
  return x >= frame.x && x <= frame.x + frame.width && y >= frame.y && y <= frame.y + frame.height;
}

/** The nodes on a frame, without itself: of frames only those that lie on it wholly, as when it is dragged (scene/carried.ts). */
export function contentsOf(graph: Graph, frame: GraphNode): GraphNode[] {
  const around = boundsOf(frame);
  return [...graph.nodes.values()].filter((node) => {
    if (node.id === frame.id) {
      return false;
    }
    const bounds = boundsOf(node);
    return isFrame(node) ? isWithin(around, bounds) : holds(around, bounds);
  });
}

/** The smallest frame that each node lies on. */
export function innermostFrames(graph: Graph): ReadonlyMap<string, string> {
  const frames = [...graph.nodes.values()]
    .filter(isFrame)
    .map((frame) => ({ frame, bounds: boundsOf(frame) }))
    .sort((a, b) => b.bounds.width * b.bounds.height - a.bounds.width * a.bounds.height);
  const innermost = new Map<string, string>();
  for (const { frame } of frames) {
    for (const { id } of contentsOf(graph, frame)) {
      innermost.set(id, frame.id); // the smaller ones come later
    }
  }
  return innermost;
}

/**
 * The next place for something of the size of `wanted` where it covers no node: there, or straight below or to the right of
 * there, whichever is nearer. Frames are no hindrance: things lie on them.
 */
export function freePlace(graph: Graph, wanted: Rect): Position {
  const taken = [...graph.nodes.values()].filter((node) => !isFrame(node)).map(boundsOf);
  const below = firstFree(
    wanted.y,
    wanted.height,
    taken.filter((rect) => overlaps(rect.x, rect.width, wanted.x, wanted.width)).map((rect) => [rect.y, rect.height]),
  );
  const beside = firstFree(
    wanted.x,
    wanted.width,
    taken.filter((rect) => overlaps(rect.y, rect.height, wanted.y, wanted.height)).map((rect) => [rect.x, rect.width]),
  );
  const isBelowNearer = below - wanted.y <= beside - wanted.x;
  return snapped(isBelowNearer ? { x: wanted.x, y: below } : { x: beside, y: wanted.y });
}

/** The first start at or after `from` at which `length` and a gap on each side touch none of the taken spans. */
function firstFree(from: number, length: number, taken: readonly (readonly [start: number, length: number])[]): number {
  let start = from;
  for (const [takenStart, takenLength] of taken.toSorted(([a], [b]) => a - b)) {
    if (overlaps(takenStart, takenLength, start, length)) {
      start = Math.ceil((takenStart + takenLength + GAP) / GRID) * GRID;
    }
  }
  return start;
}

/** Whether two spans come closer than a gap. What a person put closer together was not placed here. */
function overlaps(startA: number, lengthA: number, startB: number, lengthB: number): boolean {
  return startA < startB + lengthB + GAP && startB < startA + lengthA + GAP;
}

function isWithin(outer: Rect, inner: Rect): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}
