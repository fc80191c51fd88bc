/** Paints one frame of a scene: few nodes as they are, very many from pictures that were painted beforehand. */

import type { Rect } from "@/canvas/canvas-view";
import { Backdrop } from "@/canvas/scene/backdrop";
import type { Brush } from "@/canvas/scene/brush";
import type { LayerContent } from "@/canvas/scene/layer";
import { paintCards } from "@/canvas/scene/paint-cards";
import { Dots, paintFrames } from "@/canvas/scene/paint-ground";
import { paintSelection } from "@/canvas/scene/paint-selection";
import { paintSelectedWires, paintWires } from "@/canvas/scene/paint-wires";
import { MOST_PULSES, type Pulses } from "@/canvas/scene/pulses";
import type { SceneIndex } from "@/canvas/scene/scene-index";
import { FRAME } from "@/canvas/scene/scene-nodes";
import type { View } from "@/canvas/scene/view";

/** More nodes in view than this are painted beforehand. */
export const MANY = 600;
/** What is painted beyond a node's own rectangle: shadow, handles, ring. Canvas units. */
const OVERHANG = 30;
const NO_SLOTS: ReadonlySet<number> = new Set();

/** What is special about some of the nodes and wires, by their slots. */
export interface Marks {
  selected: ReadonlySet<number>;
  selectedWires: ReadonlySet<number>;
  /** Have DOM, which shows them unless one is far out. */
  withDom: ReadonlySet<number>;
}

export class ScenePainter {
  readonly #index: SceneIndex;
  readonly #view: View;
  readonly #dots = new Dots();
  readonly #backdrop = new Backdrop(this.#dots);
  #bounds: { rect: Rect | null; version: number } = { rect: null, version: -1 };
  /** Another number whenever what was painted beforehand looks different all over. */
  #look = 0;

  constructor(index: SceneIndex, view: View) {
    this.#index = index;
    this.#view = view;
  }

  /** Everything looks different: colours, words, pictures, what is selected. */
  outdate(): void {
    this.#look++;
  }

  /** These nodes look different, and lie where they lay. */
  patch(slots: readonly number[]): void {
    this.#backdrop.patch(slots);
  }

  /** What the stage shows, and `margin` CSS pixels around it, with all that is painted into it from outside. */
  shown(margin = 0): Rect {
    return this.#view.shown(margin + OVERHANG * this.#view.viewport.zoom);
  }

  /** Paint a frame; answers whether another one is needed to finish it. */
  paint(brush: Brush, marks: Marks, pulses: Pulses): boolean {
    if (this.#index.nodes.hasMoreThan(MANY, this.shown())) {
      pulses.hide();
      return this.#paintMany(brush, marks);
    }
    this.#backdrop.rest();
    const slots = this.#index.query(this.shown());
    this.#paintFew(brush, marks, slots);
    this.#showPulses(brush, pulses, slots);
    return false;
  }

  /** Paint at the picture of everything before anybody zooms out to it; answers whether there is more to paint. */
  prepare(brush: Brush): boolean {
    const bounds = this.#outerBounds();
    return this.#index.nodes.count > MANY && bounds !== null
      ? this.#backdrop.prepare(brush, this.#content(), bounds)
      : false;
  }

  /** The unit of the context is the canvas unit from here on. */
  #onCanvas({ context, zoom, pixelRatio }: Brush): void {
    const { x, y } = this.#view.viewport;
    const scale = zoom * pixelRatio;
    context.setTransform(scale, 0, 0, scale, x * pixelRatio, y * pixelRatio);
  }

  #paintFew(brush: Brush, { selected, selectedWires, withDom }: Marks, slots: readonly number[]): void {
    const { viewport, extent, isFar } = this.#view;
    const { kind, lifted } = this.#index.nodes;
    const hidden = isFar ? NO_SLOTS : withDom;
    this.#dots.paint(brush.context, brush.palette, viewport, extent, brush.pixelRatio);
    this.#onCanvas(brush);
    paintFrames(
      brush,
      slots.filter((slot) => kind[slot] === FRAME),
      hidden,
    );
    paintWires(brush, this.#index.wires.query(this.shown()));
    paintSelectedWires(brush, selectedWires);
    const cards = slots.filter((slot) => kind[slot] !== FRAME && !hidden.has(slot));
    if (lifted.size === 0) {
      paintCards(brush, cards);
    } else {
      // What is in hand lies over what is not.
      paintCards(
        brush,
        cards.filter((slot) => !lifted.has(slot)),
      );
      paintCards(
        brush,
        cards.filter((slot) => lifted.has(slot)),
      );
    }
    paintSelection(
      brush,
      slots.filter((slot) => selected.has(slot) && !hidden.has(slot)),
    );
  }

  #paintMany(brush: Brush, marks: Marks): boolean {
    const { viewport, extent, isMoving, isZooming } = this.#view;
    const bounds = this.#outerBounds();
    if (bounds === null) {
      return false;
    }
    const content = this.#content();
    const hasMore = this.#backdrop.paint(brush, { viewport, extent, isMoving, isZooming }, content, bounds);
    this.#onCanvas(brush);
    if (content.left.size > 0) {
      const inHand = [...content.left];
      paintWires(brush, [...content.leftWires]);
      paintFrames(
        brush,
        inHand.filter((slot) => this.#index.nodes.kind[slot] === FRAME),
        NO_SLOTS,
      );
      paintCards(
        brush,
        inHand.filter((slot) => this.#index.nodes.kind[slot] !== FRAME),
      );
    }
    paintSelectedWires(brush, marks.selectedWires);
    const shown = this.shown();
    paintSelection(
      brush,
      [...marks.selected].filter((slot) => isTouching(this.#index.nodes.rectOf(slot), shown)),
    );
    return hasMore;
  }

  #content(): LayerContent {
    const { nodes, wires, version } = this.#index;
    const left = new Set(nodes.lifted.keys());
    return {
      left,
      leftWires: new Set([...left].flatMap((slot) => wires.at(slot))),
      key: `${version} ${this.#look}`,
    };
  }

  /** Walks all nodes, so only when any of them has changed. */
  #outerBounds(): Rect | null {
    const { version } = this.#index;
    if (this.#bounds.version !== version) {
      const rect = this.#index.bounds();
      this.#bounds = { version, rect: rect && widened(rect, OVERHANG) };
    }
    return this.#bounds.rect;
  }

  #showPulses(brush: Brush, pulses: Pulses, slots: readonly number[]): void {
    const { viewport, isFar, isMoving } = this.#view;
    const { nodes, wires } = this.#index;
    const isAway = isFar || isMoving || nodes.lifted.size > 0;
    const running = isAway ? [] : slots.filter((slot) => brush.faces.stateOf(slot) === "running").slice(0, MOST_PULSES);
    if (running.length === 0 || window.matchMedia("(prefers-reduced-motion: reduce)").matches) {
      pulses.hide();
      return;
    }
    const into = running.flatMap((slot) => wires.at(slot).filter((wire) => wires.target[wire] === slot));
    pulses.show(into.slice(0, MOST_PULSES), running, {
      index: this.#index,
      viewport,
      free: this.#view.free(),
      dash: brush.palette.colour.fg,
      light: brush.palette.colour.run,
      pixelRatio: brush.pixelRatio,
    });
  }
}

function isTouching(a: Rect, b: Rect): boolean {
  return a.x <= b.x + b.width && a.x + a.width >= b.x && a.y <= b.y + b.height && a.y + a.height >= b.y;
}

function widened({ x, y, width, height }: Rect, by: number): Rect {
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}
