/**
 * What moves while nodes are at work: dashes along the wires into them, and a light around their cards. An own canvas, no
 * larger than they are, repainted a few times a second and by one clock: moving them by style sheets would repaint the page
 * sixty times a second, which takes most of a core where no graphics card helps.
 */

import type { Rect } from "@/canvas/canvas-view";
import { traceWire } from "@/canvas/scene/paint-wires";
import type { SceneIndex } from "@/canvas/scene/scene-index";
import type { Viewport } from "@/canvas/scene/view-math";
import { CARD_RADIUS, HEADER_HEIGHT } from "@/nodes/geometry";

/** More than these stand still: the eye follows no more. */
export const MOST_PULSES = 8;
const FRAME_MS = 1000 / 12;
const DASH = [3, 25];
const DASH_UNITS_EACH_MS = 28 / 1000;
/** Once around a card. */
const TURN_MS = 2800;
/** The light's tail in three layers: how much of the way around it is, how strong, how wide in canvas units. */
const TAIL = [
  { share: 0.3, strength: 0.25, width: 6 },
  { share: 0.16, strength: 0.45, width: 5 },
  { share: 0.05, strength: 0.9, width: 4 },
] as const;
/** How far outside a card its light runs, beside the border that the card itself has. */
const OUTSIDE = 3;
/** Around all of it, for the width of the strokes. */
const PADDING = 6;

export interface PulseScene {
  index: SceneIndex;
  viewport: Viewport;
  /** The part of the canvas that can be seen and is not covered by islands: painting under their blur is dear. */
  free: Rect;
  dash: string;
  light: string;
  pixelRatio: number;
}

export class Pulses {
  readonly #canvas: HTMLCanvasElement;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  /** Let these wires and cards, by their slots, pulse until told otherwise. */
  show(wires: readonly number[], cards: readonly number[], scene: PulseScene): void {
    this.hide();
    const context = this.#canvas.getContext("2d");
    const box = boxOf(wires, cards, scene);
    if (context === null || box === null) {
      return;
    }
    const { viewport, pixelRatio } = scene;
    const { style } = this.#canvas;
    this.#canvas.width = Math.ceil(box.width * viewport.zoom * pixelRatio);
    this.#canvas.height = Math.ceil(box.height * viewport.zoom * pixelRatio);
    style.width = `${box.width * viewport.zoom}px`;
    style.height = `${box.height * viewport.zoom}px`;
    style.transform = `translate(${box.x * viewport.zoom + viewport.x}px, ${box.y * viewport.zoom + viewport.y}px)`;
    style.display = "block";
    this.#tell(true);
    const scale = viewport.zoom * pixelRatio;
    const paint = () => {
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
      context.setTransform(scale, 0, 0, scale, -box.x * scale, -box.y * scale);
      const now = performance.now();
      paintDashes(context, wires, scene, now);
      paintLights(context, cards, scene, now);
    };
    paint();
    this.#timer = setInterval(paint, FRAME_MS);
  }

  hide(): void {
    if (this.#timer !== undefined) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.#canvas.style.display = "none";
      this.#tell(false);
    }
  }

  /** What blurs the canvas behind it leaves that for as long (globals.css, .island). */
  #tell(isPulsing: boolean): void {
    this.#canvas.ownerDocument.documentElement.toggleAttribute("data-canvas-pulsing", isPulsing);
  }
}

function paintDashes(
  context: CanvasRenderingContext2D,
  wires: readonly number[],
  scene: PulseScene,
  now: number,
): void {
  context.beginPath();
  for (const wire of wires) {
    traceWire({ context, index: scene.index, detail: scene.viewport.zoom }, wire);
  }
  context.globalAlpha = 1;
  context.lineWidth = 2.4;
  context.lineCap = "round";
  context.strokeStyle = scene.dash;
  context.setLineDash(DASH);
  context.lineDashOffset = -((now * DASH_UNITS_EACH_MS) % 28);
  context.stroke();
}

function paintLights(
  context: CanvasRenderingContext2D,
  cards: readonly number[],
  scene: PulseScene,
  now: number,
): void {
  context.strokeStyle = scene.light;
  context.lineCap = "butt";
  for (const card of cards) {
    const { x, y, width, height } = rimOf(scene.index, card);
    const radius = CARD_RADIUS + OUTSIDE;
    const around = 2 * (width + height) - (8 - 2 * Math.PI) * radius;
    const head = ((now % TURN_MS) / TURN_MS) * around;
    context.beginPath();
    context.roundRect(x, y, width, height, radius);
    for (const { share, strength, width: lineWidth } of TAIL) {
      context.globalAlpha = strength;
      context.lineWidth = lineWidth;
      context.setLineDash([share * around, (1 - share) * around]);
      context.lineDashOffset = share * around - head;
      context.stroke();
    }
  }
}

function rimOf(index: SceneIndex, card: number): Rect {
  const { x, y, width, height } = index.nodes.rectOf(card);
  return {
    x: x - OUTSIDE,
    y: y + HEADER_HEIGHT - OUTSIDE,
    width: width + 2 * OUTSIDE,
    height: height - HEADER_HEIGHT + 2 * OUTSIDE,
  };
}

/** The part of the view that holds all of them; null: none of them can be seen. */
function boxOf(wires: readonly number[], cards: readonly number[], { index, free }: PulseScene): Rect | null {
  const rects = [...wires.map((wire) => index.wires.rectOf(wire)), ...cards.map((card) => rimOf(index, card))];
  const x = Math.max(Math.min(...rects.map((rect) => rect.x)) - PADDING, free.x);
  const y = Math.max(Math.min(...rects.map((rect) => rect.y)) - PADDING, free.y);
  const right = Math.min(Math.max(...rects.map((rect) => rect.x + rect.width)) + PADDING, free.x + free.width);
  const bottom = Math.min(Math.max(...rects.map((rect) => rect.y + rect.height)) + PADDING, free.y + free.height);
  return right > x && bottom > y ? { x, y, width: right - x, height: bottom - y } : null;
}
