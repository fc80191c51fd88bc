/** The view before the stage is there, and the stage's own from then on: what is around the stage need not wait for it. */

import type { CanvasView, ClientPoint, Rect } from "@/canvas/canvas-view";
import type { Position } from "@/live/graph";

const NOWHERE: Position = { x: 0, y: 0 };

export class LateView implements CanvasView {
  #view: CanvasView | null = null;
  readonly #watchers = new Map<() => void, (() => void) | null>();

  /** The stage is there, or there again. */
  ready(view: CanvasView): void {
    this.#view = view;
    for (const [watcher, end] of this.#watchers) {
      end?.();
      this.#watchers.set(watcher, view.watchView(watcher));
      watcher();
    }
  }

  toCanvas(point: ClientPoint): Position {
    return this.#view?.toCanvas(point) ?? NOWHERE;
  }

  toClient(point: Position): ClientPoint {
    return this.#view?.toClient(point) ?? { clientX: 0, clientY: 0 };
  }

  visibleRect(): Rect {
    return this.#view?.visibleRect() ?? { ...NOWHERE, width: 0, height: 0 };
  }

  zoom(): number {
    return this.#view?.zoom() ?? 1;
  }

  zoomTo(zoom: number): void {
    this.#view?.zoomTo(zoom);
  }

  fit(nodeIds?: Iterable<string>): void {
    this.#view?.fit(nodeIds);
  }

  reveal(nodeId: string): Promise<void> {
    return this.#view?.reveal(nodeId) ?? Promise.resolve();
  }

  nodesIn(rect: Rect): string[] {
    return this.#view?.nodesIn(rect) ?? [];
  }

  nodeAt(point: Position): string | null {
    return this.#view?.nodeAt(point) ?? null;
  }

  watchView(watcher: () => void): () => void {
    this.#watchers.set(watcher, this.#view?.watchView(watcher) ?? null);
    return () => {
      this.#watchers.get(watcher)?.();
      this.#watchers.delete(watcher);
    };
  }
}
