/** All nodes of a graph in plain arrays, each in a slot of its own that it keeps for as long as the page is open. Pure. */

import type { Rect } from "@/canvas/canvas-view";
import { grown, RectGrid } from "@/canvas/scene/rect-grid";
import type { Graph, GraphNode, Position } from "@/live/graph";
import type { NodeDefinition } from "@/nodes/node-type";

/** What a slot holds. Frames lie under everything else, and carry what lies in them. */
export const GONE = 0;
export const CARD = 1;
export const FRAME = 2;

export class SceneNodes {
  /** Where a node is shown, in canvas units: its own place, or where a drag has it for the moment. */
  x = new Float64Array(64);
  y = new Float64Array(64);
  width = new Float64Array(64);
  height = new Float64Array(64);
  /** GONE, CARD or FRAME. */
  readonly kind: number[] = [];
  readonly node: GraphNode[] = [];
  readonly definition: NodeDefinition[] = [];
  /** How many nodes there are. */
  count = 0;
  readonly #definitions: (type: string) => NodeDefinition;
  readonly #slots = new Map<string, number>();
  readonly #grid = new RectGrid();
  /** Slots that a drag has in hand, with where each was when it began. */
  #lifted = new Map<number, Position>();
  #known: Graph["nodes"] = new Map();

  constructor(definitions: (type: string) => NodeDefinition) {
    this.#definitions = definitions;
  }

  /** One more than the highest slot. */
  get end(): number {
    return this.node.length;
  }

  get lifted(): ReadonlyMap<number, Position> {
    return this.#lifted;
  }

  /** The slot of a node that is there or was there. */
  lastSlotOf(nodeId: string): number | null {
    return this.#slots.get(nodeId) ?? null;
  }

  /** The slot of a node that is there. */
  slotOf(nodeId: string): number | null {
    const slot = this.#slots.get(nodeId);
    return slot === undefined || this.kind[slot] === GONE ? null : slot;
  }

  /** Take in the nodes as they are now; answers the slots that have changed. What is the same object has not. */
  update(nodes: Graph["nodes"]): number[] {
    const changed: number[] = [];
    if (nodes === this.#known) {
      return changed;
    }
    for (const node of nodes.values()) {
      const slot = this.#slots.get(node.id) ?? this.node.length;
      if (this.node[slot] !== node || this.kind[slot] === GONE) {
        this.#put(slot, node);
        changed.push(slot);
      }
    }
    if (this.count > nodes.size) {
      for (let slot = 0; slot < this.end; slot++) {
        const node = this.node[slot];
        if (node && this.kind[slot] !== GONE && !nodes.has(node.id)) {
          this.#takeOut(slot);
          changed.push(slot);
        }
      }
    }
    this.#known = nodes;
    return changed;
  }

  /** Slots in a rectangle, wholly or in part; in the order in which they lie on one another. */
  query({ x, y, width, height }: Rect): number[] {
    return this.#grid.query(x, y, x + width, y + height);
  }

  /** Whether a rectangle shows more nodes than `limit`. */
  hasMoreThan(limit: number, { x, y, width, height }: Rect): boolean {
    return this.#grid.hasMoreThan(limit, x, y, x + width, y + height);
  }

  rectOf(slot: number): Rect {
    return {
      x: this.x[slot] ?? 0,
      y: this.y[slot] ?? 0,
      width: this.width[slot] ?? 0,
      height: this.height[slot] ?? 0,
    };
  }

  /** The smallest rectangle around these slots, or around all; null: there is none of them. Makes nothing on its way. */
  boundsOf(slots: readonly number[] | null): Rect | null {
    let left = Number.POSITIVE_INFINITY;
    let top = Number.POSITIVE_INFINITY;
    let right = Number.NEGATIVE_INFINITY;
    let bottom = Number.NEGATIVE_INFINITY;
    const { x, y, width, height, kind } = this;
    const count = slots === null ? this.end : slots.length;
    for (let at = 0; at < count; at++) {
      const slot = slots === null ? at : (slots[at] ?? 0);
      if (kind[slot] !== GONE) {
        const slotLeft = x[slot] ?? 0;
        const slotTop = y[slot] ?? 0;
        left = Math.min(left, slotLeft);
        top = Math.min(top, slotTop);
        right = Math.max(right, slotLeft + (width[slot] ?? 0));
        bottom = Math.max(bottom, slotTop + (height[slot] ?? 0));
      }
    }
    return left > right ? null : { x: left, y: top, width: right - left, height: bottom - top };
  }

  /** Take nodes in hand: from now on they are where `dragBy` has them, whatever the graph says. */
  lift(slots: Iterable<number>): void {
    this.#lifted = new Map([...slots].map((slot) => [slot, { x: this.x[slot] ?? 0, y: this.y[slot] ?? 0 }]));
  }

  /** Show what is in hand this far from where it was taken. */
  dragBy(dx: number, dy: number): void {
    for (const [slot, from] of this.#lifted) {
      this.#place(slot, from.x + dx, from.y + dy);
    }
  }

  /** Let go: each node is where the graph has it. */
  drop(): void {
    const slots = [...this.#lifted.keys()];
    this.#lifted = new Map();
    for (const slot of slots) {
      const position = this.node[slot]?.position;
      if (position && this.kind[slot] !== GONE) {
        this.#place(slot, position.x, position.y);
      }
    }
  }

  #put(slot: number, node: GraphNode): void {
    this.#makeRoom(slot);
    if ((this.kind[slot] ?? GONE) === GONE) {
      this.count++;
    }
    const definition = this.#definitions(node.type);
    const size = definition.size(node.config);
    this.#slots.set(node.id, slot);
    this.node[slot] = node;
    this.definition[slot] = definition;
    this.kind[slot] = node.type === "frame" ? FRAME : CARD;
    this.width[slot] = size.width;
    this.height[slot] = size.height;
    const isInHand = this.#lifted.has(slot);
    this.#place(
      slot,
      isInHand ? (this.x[slot] ?? 0) : node.position.x,
      isInHand ? (this.y[slot] ?? 0) : node.position.y,
    );
  }

  #takeOut(slot: number): void {
    this.kind[slot] = GONE;
    this.count--;
    this.#lifted.delete(slot);
    this.#grid.remove(slot);
  }

  #place(slot: number, x: number, y: number): void {
    this.x[slot] = x;
    this.y[slot] = y;
    this.#grid.set(slot, x, y, x + (this.width[slot] ?? 0), y + (this.height[slot] ?? 0));
  }

  #makeRoom(slot: number): void {
    if (slot < this.x.length) {
      return;
    }
    const size = this.x.length * 2;
    this.x = grown(this.x, size);
    this.y = grown(this.y, size);
    this.width = grown(this.width, size);
    this.height = grown(this.height, size);
  }
}
