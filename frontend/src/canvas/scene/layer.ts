/** A part of the canvas painted beforehand into an own picture, a little at a time so that no frame waits for it. */

import type { Rect } from "@/canvas/canvas-view";
import type { Brush } from "@/canvas/scene/brush";
import { paintCards } from "@/canvas/scene/paint-cards";
import { type Dots, paintFrames } from "@/canvas/scene/paint-ground";
import { paintWires } from "@/canvas/scene/paint-wires";
import { FRAME } from "@/canvas/scene/scene-nodes";

/** How much is painted between two looks at the clock. */
const WIRES_AT_ONCE = 300;
const CARDS_AT_ONCE = 60;
const NOTHING: ReadonlySet<number> = new Set();

/** What of the scene a layer shows. */
export interface LayerContent {
  /** In hand of a drag, and so painted anew in each frame instead. */
  left: ReadonlySet<number>;
  leftWires: ReadonlySet<number>;
  /** Layers of another content are outdated. */
  key: string;
}

export class Layer {
  readonly rect: Rect;
  readonly key: string;
  /** CSS pixels for each canvas unit. */
  readonly zoom: number;
  readonly canvas: OffscreenCanvas;
  isDone = false;
  readonly #brush: Brush;
  readonly #content: LayerContent;
  readonly #dots: Dots;
  #hasGround = false;
  #wires: number[] = [];
  #cards: number[] = [];
  #nextWire = 0;
  #nextCard = 0;

  constructor(brush: Omit<Brush, "context">, dots: Dots, rect: Rect, content: LayerContent) {
    this.rect = rect;
    this.zoom = brush.zoom;
    this.key = content.key;
    this.#content = content;
    this.#dots = dots;
    const scale = brush.zoom * brush.pixelRatio;
    this.canvas = new OffscreenCanvas(
      Math.max(1, Math.ceil(rect.width * scale)),
      Math.max(1, Math.ceil(rect.height * scale)),
    );
    const context = this.canvas.getContext("2d", { alpha: false });
    if (context === null) {
      throw new Error("This browser cannot paint.");
    }
    this.#brush = { ...brush, context };
  }

  /** Paint until it is done or `now()` reaches `end`. */
  paint(end: number, now: () => number): void {
    if (!this.#hasGround) {
      this.#begin();
    }
    while (!this.isDone && now() < end) {
      this.#paintSome();
    }
  }

  /** Paint these cards anew where they are: they look different, and lie where they lay. */
  patch(slots: readonly number[]): void {
    const { nodes } = this.#brush.index;
    const shown = slots.filter((slot) => nodes.kind[slot] !== FRAME && !this.#content.left.has(slot));
    if (this.#hasGround && shown.length > 0) {
      paintCards(this.#brush, shown);
    }
  }

  #begin(): void {
    const { index, context, palette, zoom, pixelRatio } = this.#brush;
    const { x, y, width, height } = this.rect;
    const viewport = { x: -x * zoom, y: -y * zoom, zoom };
    this.#dots.paint(context, palette, viewport, { width: width * zoom + 1, height: height * zoom + 1 }, pixelRatio);
    const scale = zoom * pixelRatio;
    context.setTransform(scale, 0, 0, scale, -x * scale, -y * scale);
    const slots = index.query(this.rect).filter((slot) => !this.#content.left.has(slot));
    paintFrames(
      this.#brush,
      slots.filter((slot) => index.nodes.kind[slot] === FRAME),
      NOTHING,
    );
    this.#cards = slots.filter((slot) => index.nodes.kind[slot] !== FRAME);
    this.#wires = index.wires.query(this.rect).filter((slot) => !this.#content.leftWires.has(slot));
    this.#hasGround = true;
  }

  #paintSome(): void {
    if (this.#nextWire < this.#wires.length) {
      const some = this.#wires.slice(this.#nextWire, this.#nextWire + WIRES_AT_ONCE);
      this.#nextWire += WIRES_AT_ONCE;
      paintWires(this.#brush, some);
      return;
    }
    const some = this.#cards.slice(this.#nextCard, this.#nextCard + CARDS_AT_ONCE);
    this.#nextCard += CARDS_AT_ONCE;
    paintCards(this.#brush, some);
    this.isDone = this.#nextCard >= this.#cards.length;
  }
}
