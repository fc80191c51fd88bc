/**
 * Where everything on the canvas is: the one index that painting, selecting, finding under the pointer, fitting and the
 * minimap share. Knows nothing of the browser.
 */

import type { Rect } from "@/canvas/canvas-view";
import { CARD, FRAME, SceneNodes } from "@/canvas/scene/scene-nodes";
import { SceneWires } from "@/canvas/scene/scene-wires";
import type { Graph, Position } from "@/live/graph";
import { HEADER_HEIGHT } from "@/nodes/geometry";
import type { NodeDefinition } from "@/nodes/node-type";

/** How near to a frame's border a pointer takes hold of it, in canvas units. */
const BORDER_REACH = 8;

export class SceneIndex {
  readonly nodes: SceneNodes;
  readonly wires: SceneWires;
  /** Another number whenever anything is at another place or looks different. */
  version = 0;

  constructor(definitions: (type: string) => NodeDefinition) {
    this.nodes = new SceneNodes(definitions);
    this.wires = new SceneWires(this.nodes);
  }

  /** Take in a graph; answers the slots of the nodes that have changed. */
  update(graph: Pick<Graph, "nodes" | "connections">): number[] {
    const changed = this.nodes.update(graph.nodes);
    const haveWiresChanged = this.wires.update(graph.connections, changed);
    if (changed.length > 0 || haveWiresChanged) {
      this.version++;
    }
    return changed;
  }

  /** Slots of the nodes in a rectangle, wholly or in part. */
  query(rect: Rect): number[] {
    return this.nodes.query(rect);
  }

  /** Ids of the nodes in a rectangle, wholly or in part; of frames only those that lie in it wholly. */
  nodesIn(rect: Rect): string[] {
    return this.idsOf(
      this.nodes
        .query(rect)
        .filter((slot) => this.nodes.kind[slot] === CARD || contains(rect, this.nodes.rectOf(slot))),
    );
  }

  /** The uppermost node at a point. A frame is there only at its title and its border: what lies in it can be reached. */
  nodeAt({ x, y }: Position): string | null {
    const slots = this.nodes.query({
      x: x - BORDER_REACH,
      y: y - BORDER_REACH,
      width: 2 * BORDER_REACH,
      height: 2 * BORDER_REACH,
    });
    const point = { x, y };
    const hit =
      slots.findLast((slot) => this.nodes.kind[slot] === CARD && holds(this.nodes.rectOf(slot), point)) ??
      slots.findLast((slot) => this.nodes.kind[slot] === FRAME && isFrameHeld(this.nodes.rectOf(slot), point));
    return hit === undefined ? null : (this.nodes.node[hit]?.id ?? null);
  }

  isFrame(nodeId: string): boolean {
    const slot = this.nodes.slotOf(nodeId);
    return slot !== null && this.nodes.kind[slot] === FRAME;
  }

  /** The wire within `reach` units of a point. */
  wireAt(point: Position, reach: number): string | null {
    const slot = this.wires.nearest(point, reach);
    return slot === null ? null : (this.wires.wire[slot]?.id ?? null);
  }

  /** The smallest rectangle around these nodes, or around all; null: there is none of them. */
  bounds(nodeIds?: Iterable<string>): Rect | null {
    return this.nodes.boundsOf(nodeIds ? this.slotsOf(nodeIds) : null);
  }

  /** Slots of those of these nodes that are there. */
  slotsOf(nodeIds: Iterable<string>): number[] {
    return [...nodeIds].flatMap((nodeId) => this.nodes.slotOf(nodeId) ?? []);
  }

  idsOf(slots: Iterable<number>): string[] {
    return [...slots].flatMap((slot) => this.nodes.node[slot]?.id ?? []);
  }

  /** Take nodes in hand, for a drag. */
  lift(nodeIds: Iterable<string>): void {
    this.nodes.lift(this.slotsOf(nodeIds));
    this.version++;
  }

  /** Show what is in hand this far from where it was taken, in whole units: nodes keep their distances and plain numbers. */
  dragBy(dx: number, dy: number): void {
    this.nodes.dragBy(Math.round(dx), Math.round(dy));
    this.wires.follow(this.nodes.lifted.keys());
  }

  /** Where each node in hand is now. */
  liftedPositions(): Map<string, Position> {
    const { x, y, node, lifted } = this.nodes;
    return new Map(
      [...lifted.keys()].flatMap((slot) => {
        const id = node[slot]?.id;
        return id === undefined ? [] : [[id, { x: x[slot] ?? 0, y: y[slot] ?? 0 }] as const];
      }),
    );
  }

  /** Let go of what is in hand: each node is where the graph has it. */
  drop(): void {
    const slots = [...this.nodes.lifted.keys()];
    this.nodes.drop();
    this.wires.follow(slots);
    this.version++;
  }
}

function contains(outer: Rect, inner: Rect): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

function holds({ x, y, width, height }: Rect, point: Position): boolean {
  return point.x >= x && point.x <= x + width && point.y >= y && point.y <= y + height;
}

function isFrameHeld({ x, y, width, height }: Rect, point: Position): boolean {
  const around = {
    x: x - BORDER_REACH,
    y,
    width: width + 2 * BORDER_REACH,
    height: height + BORDER_REACH,
  };
  const within = {
    x: x + BORDER_REACH,
    y: y + HEADER_HEIGHT + BORDER_REACH,
    width: width - 2 * BORDER_REACH,
    height: height - HEADER_HEIGHT - 2 * BORDER_REACH,
  };
  return holds(around, point) && !holds(within, point);
}
