/** Which nodes have DOM at the moment, and who waits for one to get it. */

import type { SceneNodes } from "@/canvas/scene/scene-nodes";

export class Mounts {
  /** Their slots. */
  readonly slots = new Set<number>();
  readonly #nodes: SceneNodes;
  readonly #waiters = new Map<string, Set<() => void>>();

  constructor(nodes: SceneNodes) {
    this.#nodes = nodes;
  }

  has(nodeId: string): boolean {
    const slot = this.#nodes.slotOf(nodeId);
    return slot !== null && this.slots.has(slot);
  }

  /** A node has got its DOM, or lost it. */
  set(nodeId: string, hasDom: boolean): void {
    const slot = this.#nodes.lastSlotOf(nodeId);
    if (slot === null) {
      return;
    }
    if (!hasDom) {
      this.slots.delete(slot);
      return;
    }
    this.slots.add(slot);
    for (const resolve of this.#waiters.get(nodeId) ?? []) {
      resolve();
    }
    this.#waiters.delete(nodeId);
  }

  /** Resolves when a node gets its DOM next. */
  next(nodeId: string): Promise<void> {
    return new Promise((resolve) => {
      const waiters = this.#waiters.get(nodeId) ?? new Set();
      this.#waiters.set(nodeId, waiters.add(resolve));
    });
  }
}
