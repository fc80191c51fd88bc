/** The view of the canvas as it is now: moved by gestures, glided by commands, heard by whoever paints. */

import type { ClientPoint, Rect } from "@/canvas/canvas-view";
import {
  clampZoom,
  type Extent,
  FAR_ZOOM,
  freeArea,
  type Insets,
  rectBetween,
  shownRect,
  type Viewport,
  zoomedAt,
} from "@/canvas/scene/view-math";
import type { Position } from "@/live/graph";

const GLIDE_MS = 260;
/** The view is at rest when it has been still for this long. */
const REST_MS = 90;
/** A wheel's notches come up to so far apart in one zoom. */
const ZOOMING_MS = 120;

export interface ViewOptions {
  /** Someone asked for less motion: go there at once. */
  prefersLessMotion: () => boolean;
  /** The view is another one; called at each change. */
  onChange: () => void;
  /** It has been still for a moment. */
  onRest: () => void;
}

export class View {
  viewport: Viewport = { x: 0, y: 0, zoom: 1 };
  /** The stage's size and place in the window, CSS pixels. */
  extent: Extent = { width: 0, height: 0 };
  /** What islands cover of it. */
  insets: Insets = { top: 0, right: 0, bottom: 0, left: 0 };
  #left = 0;
  #top = 0;
  #isMoving = false;
  #zoomedAtMs = Number.NEGATIVE_INFINITY;
  #resting: ReturnType<typeof setTimeout> | undefined;
  #glide: number | null = null;
  readonly #options: ViewOptions;

  constructor(options: ViewOptions) {
    this.#options = options;
  }

  get isMoving(): boolean {
    return this.#isMoving;
  }

  /** Its zoom is changing, so that whatever is painted for it is outdated by the next frame. */
  get isZooming(): boolean {
    return this.#isMoving && performance.now() - this.#zoomedAtMs < ZOOMING_MS;
  }

  /** So far out that nodes have no DOM. */
  get isFar(): boolean {
    return this.viewport.zoom < FAR_ZOOM;
  }

  place({ left, top, width, height }: Pick<DOMRect, "left" | "top" | "width" | "height">): void {
    this.#left = left;
    this.#top = top;
    if (width !== this.extent.width || height !== this.extent.height) {
      this.extent = { width, height };
      this.#moved();
    }
  }

  /** Show this, and forget where a glide was going. */
  set(viewport: Viewport): void {
    this.stopGlide();
    this.#show(viewport);
  }

  panBy(dx: number, dy: number): void {
    const { x, y, zoom } = this.viewport;
    this.set({ x: x + dx, y: y + dy, zoom });
  }

  /** Zoom so that what is under a point of the stage stays there. */
  zoomAt(point: Position, zoom: number): void {
    this.set(zoomedAt(this.viewport, point, zoom));
  }

  /** Zoom around the middle. */
  zoomTo(zoom: number): void {
    const middle = { x: this.extent.width / 2, y: this.extent.height / 2 };
    this.glideTo(zoomedAt(this.viewport, middle, clampZoom(zoom)));
  }

  /** Go there in a moment, so that one sees where one went. */
  glideTo(target: Viewport): void {
    this.stopGlide();
    if (this.#options.prefersLessMotion() || this.extent.width === 0) {
      this.#show(target);
      return;
    }
    const from = this.viewport;
    const startedAt = performance.now();
    const step = (now: number) => {
      const t = Math.min(1, Math.max(0, (now - startedAt) / GLIDE_MS));
      this.#show(t < 1 ? between(from, target, easedOut(t)) : target);
      this.#glide = t < 1 ? requestAnimationFrame(step) : null;
    };
    this.#glide = requestAnimationFrame(step);
  }

  /** A point of the window as a point of the stage. */
  toStage({ clientX, clientY }: ClientPoint): Position {
    return { x: clientX - this.#left, y: clientY - this.#top };
  }

  toCanvas(point: ClientPoint): Position {
    const { x, y } = this.toStage(point);
    return { x: (x - this.viewport.x) / this.viewport.zoom, y: (y - this.viewport.y) / this.viewport.zoom };
  }

  toClient({ x, y }: Position): ClientPoint {
    const { viewport } = this;
    return {
      clientX: x * viewport.zoom + viewport.x + this.#left,
      clientY: y * viewport.zoom + viewport.y + this.#top,
    };
  }

  /** What is shown, and `margin` CSS pixels around it, in canvas units. */
  shown(margin = 0): Rect {
    return shownRect(this.viewport, this.extent, margin);
  }

  /** What of the canvas is shown and not covered by islands. */
  free(): Rect {
    const { x, y, width, height } = freeArea(this.extent, this.insets);
    const { viewport } = this;
    return shownRect({ ...viewport, x: viewport.x - x, y: viewport.y - y }, { width, height });
  }

  /** The canvas between two points of the window. */
  rectBetween(a: ClientPoint, b: ClientPoint): Rect {
    return rectBetween(this.toCanvas(a), this.toCanvas(b));
  }

  stop(): void {
    this.stopGlide();
    clearTimeout(this.#resting);
  }

  #show(viewport: Viewport): void {
    const now = this.viewport;
    if (viewport.x !== now.x || viewport.y !== now.y || viewport.zoom !== now.zoom) {
      this.viewport = viewport;
      if (viewport.zoom !== now.zoom) {
        this.#zoomedAtMs = performance.now();
      }
      this.#moved();
    }
  }

  #moved(): void {
    this.#isMoving = true;
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => {
      this.#isMoving = false;
      this.#options.onRest();
    }, REST_MS);
    this.#options.onChange();
  }

  /** Stay where a glide has come to. */
  stopGlide(): void {
    if (this.#glide !== null) {
      cancelAnimationFrame(this.#glide);
      this.#glide = null;
    }
  }
}

/** Between two views, zooming evenly to the eye. */
function between(from: Viewport, to: Viewport, t: number): Viewport {
  const zoom = from.zoom * (to.zoom / from.zoom) ** t;
  if (Math.abs(to.zoom - from.zoom) < 1e-9) {
    return { x: from.x + (to.x - from.x) * t, y: from.y + (to.y - from.y) * t, zoom };
  }
  // Along the line on which one canvas point stands still: the picture grows or shrinks around it.
  const share = (zoom - from.zoom) / (to.zoom - from.zoom);
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share, zoom };
}

function easedOut(t: number): number {
  return 1 - (1 - t) ** 3;
}
