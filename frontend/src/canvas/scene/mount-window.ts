/** Which nodes have DOM: those around the view at rest, a few more in each frame, the nearest to its middle first. */

import type { Rect } from "@/canvas/canvas-view";
import type { SceneIndex } from "@/canvas/scene/scene-index";

const AT_ONCE = 8;
/** However many nodes one has put on one spot: more would make every gesture slow. */
const MOST = 90;

export interface MountWindowOptions {
  /** These nodes are to have DOM from now on, by their ids. */
  onChange: (nodeIds: readonly string[]) => void;
  /** Runs a step in the next frame; returns how to call it off. */
  nextFrame: (step: () => void) => () => void;
}

export class MountWindow {
  readonly #options: MountWindowOptions;
  #mounted: readonly string[] = [];
  #cancel: (() => void) | null = null;

  constructor(options: MountWindowOptions) {
    this.#options = options;
  }

  /** Have DOM for `wanted`, the first of them first; what is not wanted loses it at once. */
  show(wanted: readonly string[]): void {
    this.pause();
    const all = new Set(wanted);
    const kept = this.#mounted.filter((nodeId) => all.has(nodeId));
    const known = new Set(kept);
    this.#step(
      kept,
      wanted.filter((nodeId) => !known.has(nodeId)),
    );
  }

  /** Mount nothing more for now: a gesture is under way. */
  pause(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #step(kept: readonly string[], missing: readonly string[]): void {
    const next = [...kept, ...missing.slice(0, AT_ONCE)];
    const rest = missing.slice(AT_ONCE);
    if (next.length !== this.#mounted.length || next.some((nodeId, index) => nodeId !== this.#mounted[index])) {
      this.#mounted = next;
      this.#options.onChange(next);
    }
    this.#cancel = rest.length === 0 ? null : this.#options.nextFrame(() => this.#step(next, rest));
  }
}

/** Ids of the nodes in `rect` that should have DOM, the nearest to its middle first; `kept`: those that must not lose it. */
export function windowOf(index: SceneIndex, rect: Rect, kept: readonly string[]): string[] {
  const middleX = rect.x + rect.width / 2;
  const middleY = rect.y + rect.height / 2;
  const distance = (slot: number) => {
    const { x, y, width, height } = index.nodes.rectOf(slot);
    return Math.abs(x + width / 2 - middleX) + Math.abs(y + height / 2 - middleY);
  };
  const near = index
    .query(rect)
    .map((slot) => ({ slot, distance: distance(slot) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MOST)
    .map(({ slot }) => slot);
  const there = kept.filter((nodeId) => index.nodes.slotOf(nodeId) !== null);
  return [...new Set([...there, ...index.idsOf(near)])];
}
