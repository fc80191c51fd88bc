/**
 * The canvas where it shows very many nodes: painted once into a picture larger than the view, which a gesture then only
 * moves and scales. Under it lies a coarse picture of everything, for where a fast gesture outruns the fine one.
 */

import type { Rect } from "@/canvas/canvas-view";
import type { Brush, Context2D } from "@/canvas/scene/brush";
import { Layer, type LayerContent } from "@/canvas/scene/layer";
import type { Dots } from "@/canvas/scene/paint-ground";
import { type Extent, isWithin, shownRect, type Viewport } from "@/canvas/scene/view-math";

/** How far the picture reaches beyond the view on each side, as a share of it: 60 % wider and taller. */
const MARGIN = 0.3;
/** A picture shrunk or blown up by more than this looks wrong even while it moves. */
const SMALLEST_SCALE = 0.7;
const LARGEST_SCALE = 1.6;
const SMALLEST_PATCH = 0.4;
const LARGEST_PATCH = 2.5;
/** The longest side of the coarse picture of everything, device pixels. */
const OVERVIEW_PIXELS = 2000;
/** Painting may take this much of a frame, milliseconds. */
const MOVING_BUDGET_MS = 4;
const RESTING_BUDGET_MS = 10;
/** With nothing to show at all, one waits: longer than a frame, shorter than one notices. */
const FIRST_BUDGET_MS = 60;

export interface Sight {
  viewport: Viewport;
  extent: Extent;
  isMoving: boolean;
  isZooming: boolean;
}

export class Backdrop {
  readonly #dots: Dots;
  readonly #now: () => number;
  #fine: Layer | null = null;
  #finer: Layer | null = null;
  #overview: Layer | null = null;
  #nextOverview: Layer | null = null;

  constructor(dots: Dots, now: () => number = () => performance.now()) {
    this.#dots = dots;
    this.#now = now;
  }

  /** Paint what is in sight into `context`; answers whether there is more to paint, so that another frame is needed. */
  paint(brush: Brush, sight: Sight, content: LayerContent, bounds: Rect): boolean {
    const end = this.#now() + this.#budget(sight);
    const hasNothing = this.#fine === null && this.#overview === null;
    if (!sight.isZooming || hasNothing) {
      this.#workOnFine(brush, sight, content, bounds, end);
    }
    if (!sight.isMoving || hasNothing) {
      this.#workOnOverview(brush, content, bounds, end);
    }
    const { context } = brush;
    const shown = clipped(shownRect(sight.viewport, sight.extent), bounds);
    const fine = this.#usable(sight);
    const isCovered = fine !== null && isWithin(shown, fine.rect);
    this.#dots.paint(context, brush.palette, sight.viewport, sight.extent, brush.pixelRatio);
    if (!isCovered && this.#overview) {
      show(context, this.#overview, sight, brush.pixelRatio);
    }
    if (fine) {
      show(context, fine, sight, brush.pixelRatio);
    }
    return this.#finer !== null || this.#nextOverview !== null;
  }

  /** Paint at the picture of everything while nothing else is to be done; answers whether there is more to paint. */
  prepare(brush: Brush, content: LayerContent, bounds: Rect): boolean {
    this.#workOnOverview(brush, content, bounds, this.#now() + RESTING_BUDGET_MS);
    return this.#nextOverview !== null;
  }

  /** These nodes look different, and lie where they lay. */
  patch(slots: readonly number[]): void {
    for (const layer of [this.#fine, this.#finer, this.#overview, this.#nextOverview]) {
      layer?.patch(slots);
    }
  }

  /** Let go of the pictures: so few nodes are in view that they are painted themselves. */
  rest(): void {
    this.#fine = null;
    this.#finer = null;
  }

  /** Forget everything: the colours are others. */
  clear(): void {
    this.rest();
    this.#overview = null;
    this.#nextOverview = null;
  }

  /** The fine picture, unless a coarse one of everything does better: one gone far from it would show a patch in a blur. */
  #usable({ viewport }: Sight): Layer | null {
    const fine = this.#fine ?? this.#finer;
    const scale = fine === null ? 1 : viewport.zoom / fine.zoom;
    return this.#overview && (scale < SMALLEST_PATCH || scale > LARGEST_PATCH) ? null : fine;
  }

  #budget({ isMoving }: Sight): number {
    if (this.#fine === null && this.#overview === null) {
      return FIRST_BUDGET_MS;
    }
    return isMoving ? MOVING_BUDGET_MS : RESTING_BUDGET_MS;
  }

  #workOnFine(brush: Brush, sight: Sight, content: LayerContent, bounds: Rect, end: number): void {
    if (this.#finer && !this.#serves(this.#finer, sight, content, bounds)) {
      this.#finer = null;
    }
    if (!this.#finer && !(this.#fine && this.#serves(this.#fine, sight, content, bounds))) {
      const { width, height } = sight.extent;
      const wide = shownRect(sight.viewport, sight.extent, MARGIN * Math.max(width, height));
      this.#finer = new Layer(seenFrom(brush, sight.viewport.zoom), this.#dots, clipped(wide, bounds), content);
    }
    this.#finer?.paint(end, this.#now);
    if (this.#finer?.isDone) {
      this.#fine = this.#finer;
      this.#finer = null;
    }
  }

  #workOnOverview(brush: Brush, content: LayerContent, bounds: Rect, end: number): void {
    if (this.#nextOverview && this.#nextOverview.key !== content.key) {
      this.#nextOverview = null;
    }
    if (!this.#nextOverview && this.#overview?.key !== content.key) {
      const zoom = OVERVIEW_PIXELS / brush.pixelRatio / Math.max(bounds.width, bounds.height, 1);
      this.#nextOverview = new Layer(seenFrom(brush, zoom), this.#dots, bounds, content);
    }
    if (this.#now() < end) {
      this.#nextOverview?.paint(end, this.#now);
    }
    if (this.#nextOverview?.isDone) {
      this.#overview = this.#nextOverview;
      this.#nextOverview = null;
    }
  }

  /** Whether a layer will do for what is in sight: at rest only at its very zoom. */
  #serves(layer: Layer, { viewport, extent, isMoving }: Sight, content: LayerContent, bounds: Rect): boolean {
    const scale = viewport.zoom / layer.zoom;
    const isSharp = isMoving ? scale > SMALLEST_SCALE && scale < LARGEST_SCALE : Math.abs(scale - 1) < 1e-6;
    return layer.key === content.key && isSharp && isWithin(clipped(shownRect(viewport, extent), bounds), layer.rect);
  }
}

function seenFrom(brush: Brush, zoom: number): Brush {
  return { ...brush, zoom, detail: zoom };
}

function show(context: Context2D, layer: Layer, { viewport }: Sight, pixelRatio: number): void {
  const scale = viewport.zoom / layer.zoom;
  const left = (layer.rect.x * viewport.zoom + viewport.x) * pixelRatio;
  const top = (layer.rect.y * viewport.zoom + viewport.y) * pixelRatio;
  context.setTransform(1, 0, 0, 1, 0, 0);
  if (Math.abs(scale - 1) < 1e-6) {
    // On whole pixels it is copied as it is, without being resampled.
    context.drawImage(layer.canvas, Math.round(left), Math.round(top));
    return;
  }
  context.imageSmoothingQuality = "low";
  context.drawImage(layer.canvas, left, top, layer.canvas.width * scale, layer.canvas.height * scale);
}

/** What of `rect` lies in `bounds`. */
function clipped(rect: Rect, bounds: Rect): Rect {
  const x = Math.max(rect.x, bounds.x);
  const y = Math.max(rect.y, bounds.y);
  return {
    x,
    y,
    width: Math.max(0, Math.min(rect.x + rect.width, bounds.x + bounds.width) - x),
    height: Math.max(0, Math.min(rect.y + rect.height, bounds.y + bounds.height) - y),
  };
}
