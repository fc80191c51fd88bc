/** All wires of a graph in plain arrays, with their ends and which nodes they hang on. Pure. */

import type { Rect } from "@/canvas/canvas-view";
import { grown, RectGrid } from "@/canvas/scene/rect-grid";
import { GONE, type SceneNodes } from "@/canvas/scene/scene-nodes";
import { distanceToWire, wireReach } from "@/canvas/scene/wire-shape";
import type { Graph, Position } from "@/live/graph";
import type { WireConnection } from "@/live/wire";
import { handleOffset } from "@/nodes/geometry";
import type { PortType } from "@/nodes/node-type";

export class SceneWires {
  /** The ends in canvas units. */
  fromX = new Float64Array(64);
  fromY = new Float64Array(64);
  toX = new Float64Array(64);
  toY = new Float64Array(64);
  readonly wire: WireConnection[] = [];
  /** The nodes' slots. */
  readonly source: number[] = [];
  readonly target: number[] = [];
  /** What flows through it; null where the node is of a kind that this release does not know. */
  readonly type: (PortType | null)[] = [];
  readonly #isThere: boolean[] = [];
  readonly #nodes: SceneNodes;
  readonly #slots = new Map<string, number>();
  readonly #grid = new RectGrid();
  /** The wires at each node's slot. */
  readonly #at: number[][] = [];
  #known: Graph["connections"] = new Map();

  constructor(nodes: SceneNodes) {
    this.#nodes = nodes;
  }

  /** The slot of a wire that shows. */
  slotOf(wireId: string): number | null {
    const slot = this.#slots.get(wireId);
    return slot === undefined || !this.#isThere[slot] ? null : slot;
  }

  /** The wires that end at a node, by its slot. */
  at(nodeSlot: number): readonly number[] {
    return this.#at[nodeSlot] ?? [];
  }

  /** Take in the wires as they are now, and where the nodes in `changedNodes` went; answers whether anything changed. */
  update(connections: Graph["connections"], changedNodes: readonly number[]): boolean {
    if (connections === this.#known && changedNodes.length === 0) {
      return false;
    }
    const moved = new Set<number>();
    for (const wire of connections.values()) {
      this.#takeIn(wire, moved);
    }
    for (const [wireId, slot] of this.#slots) {
      if (this.#isThere[slot] && !connections.has(wireId)) {
        this.#takeOut(slot);
      }
    }
    this.#known = connections;
    // Placed once, though it may hang on two nodes that have changed: when a project opens, all have.
    for (const slot of new Set([...moved, ...changedNodes.flatMap((nodeSlot) => this.at(nodeSlot))])) {
      this.#place(slot);
    }
    return true;
  }

  /** The nodes in these slots have moved: so have their wires' ends. */
  follow(nodeSlots: Iterable<number>): void {
    for (const nodeSlot of nodeSlots) {
      for (const slot of this.at(nodeSlot)) {
        this.#place(slot);
      }
    }
  }

  /** A rectangle that holds the whole curve. */
  rectOf(slot: number): Rect {
    const fromX = this.fromX[slot] ?? 0;
    const fromY = this.fromY[slot] ?? 0;
    const toX = this.toX[slot] ?? 0;
    const toY = this.toY[slot] ?? 0;
    const reach = wireReach(fromX, toX);
    const x = Math.min(fromX, toX - reach);
    const y = Math.min(fromY, toY);
    return { x, y, width: Math.max(fromX + reach, toX) - x, height: Math.max(fromY, toY) - y };
  }

  /** The wires that may cross a rectangle. */
  query({ x, y, width, height }: Rect): number[] {
    return this.#grid.query(x, y, x + width, y + height);
  }

  /** The wire nearest to a point and no further away than `reach` units. */
  nearest(point: Position, reach: number): number | null {
    let best: number | null = null;
    let bestDistance = reach;
    for (const slot of this.#grid.query(point.x - reach, point.y - reach, point.x + reach, point.y + reach)) {
      const distance = distanceToWire(
        point,
        this.fromX[slot] ?? 0,
        this.fromY[slot] ?? 0,
        this.toX[slot] ?? 0,
        this.toY[slot] ?? 0,
      );
      if (distance <= bestDistance) {
        best = slot;
        bestDistance = distance;
      }
    }
    return best;
  }

  /** `moved`: gets its slot, where it is to be placed anew. */
  #takeIn(wire: WireConnection, moved: Set<number>): void {
    const slot = this.#slots.get(wire.id) ?? this.wire.length;
    const source = this.#nodes.slotOf(wire.source_node_id);
    const target = this.#nodes.slotOf(wire.target_node_id);
    if (source === null || target === null) {
      if (this.#isThere[slot]) {
        this.#takeOut(slot);
      }
      return; // a deleted node keeps its wires for the day it is restored
    }
    if (this.#isThere[slot] && this.wire[slot] === wire) {
      return;
    }
    if (this.#isThere[slot]) {
      this.#takeOut(slot);
    }
    this.#makeRoom(slot);
    this.#slots.set(wire.id, slot);
    this.wire[slot] = wire;
    this.source[slot] = source;
    this.target[slot] = target;
    this.type[slot] = this.#nodes.definition[source]?.output?.type ?? null;
    this.#isThere[slot] = true;
    this.#hang(slot, source);
    this.#hang(slot, target);
    moved.add(slot);
  }

  #takeOut(slot: number): void {
    this.#isThere[slot] = false;
    this.#grid.remove(slot);
    for (const nodeSlot of [this.source[slot] ?? 0, this.target[slot] ?? 0]) {
      this.#at[nodeSlot] = this.at(nodeSlot).filter((other) => other !== slot);
    }
  }

  #hang(slot: number, nodeSlot: number): void {
    const list = this.#at[nodeSlot];
    if (list) {
      list.push(slot);
    } else {
      this.#at[nodeSlot] = [slot];
    }
  }

  #place(slot: number): void {
    const nodes = this.#nodes;
    const source = this.source[slot] ?? 0;
    const target = this.target[slot] ?? 0;
    if (nodes.kind[source] === GONE || nodes.kind[target] === GONE) {
      return;
    }
    const input = nodes.definition[target]?.inputs.findIndex(({ name }) => name === this.wire[slot]?.target_port) ?? 0;
    const fromX = (nodes.x[source] ?? 0) + (nodes.width[source] ?? 0);
    const fromY = (nodes.y[source] ?? 0) + handleOffset(0);
    const toX = nodes.x[target] ?? 0;
    const toY = (nodes.y[target] ?? 0) + handleOffset(Math.max(0, input));
    this.fromX[slot] = fromX;
    this.fromY[slot] = fromY;
    this.toX[slot] = toX;
    this.toY[slot] = toY;
    const { x, y, width, height } = this.rectOf(slot);
    this.#grid.set(slot, x, y, x + width, y + height);
  }

  #makeRoom(slot: number): void {
    if (slot < this.fromX.length) {
      return;
    }
    const size = this.fromX.length * 2;
    this.fromX = grown(this.fromX, size);
    this.fromY = grown(this.fromY, size);
    this.toX = grown(this.toX, size);
    this.toY = grown(this.toY, size);
  }
}
