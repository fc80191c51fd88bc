/** Two fingers on the canvas: how far they move it, and how much they zoom. Pure. */

import type { ClientPoint } from "@/canvas/canvas-view";

type Finger = ClientPoint & { pointerId: number };

export interface PinchStep {
  dx: number;
  dy: number;
  factor: number;
  middle: ClientPoint;
}

export class Pinch {
  readonly #fingers = new Map<number, ClientPoint>();

  /** A finger has come; answers whether there are two now. */
  down({ pointerId, clientX, clientY }: Finger): boolean {
    this.#fingers.set(pointerId, { clientX, clientY });
    return this.#fingers.size === 2;
  }

  /** A finger has moved; answers what that does, where two are down. */
  move({ pointerId, clientX, clientY }: Finger): PinchStep | null {
    if (!this.#fingers.has(pointerId)) {
      return null;
    }
    const before = this.#span();
    this.#fingers.set(pointerId, { clientX, clientY });
    const now = this.#span();
    if (before === null || now === null) {
      return null;
    }
    return {
      dx: now.middle.clientX - before.middle.clientX,
      dy: now.middle.clientY - before.middle.clientY,
      factor: now.distance / Math.max(1, before.distance),
      middle: now.middle,
    };
  }

  up({ pointerId }: Pick<Finger, "pointerId">): void {
    this.#fingers.delete(pointerId);
  }

  #span(): { middle: ClientPoint; distance: number } | null {
    const [a, b] = this.#fingers.values();
    if (!a || !b) {
      return null;
    }
    return {
      middle: { clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2 },
      distance: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY),
    };
  }
}
