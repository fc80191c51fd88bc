/**
 * The dashes that travel along wires into running nodes: an own canvas, no larger than they are, repainted a few times a
 * second. Repainting the whole stage for them would cost a third of a core.
 */

import type { Rect } from "@/canvas/canvas-view";
import { traceWire } from "@/canvas/scene/paint-wires";
import type { SceneIndex } from "@/canvas/scene/scene-index";
import type { Viewport } from "@/canvas/scene/view-math";

/** More than these stand still: the eye follows no more. */
export const MOST_PULSES = 8;
const FRAME_MS = 1000 / 15;
const DASH = [3, 25];
const DASH_UNITS_EACH_MS = 28 / 1000;
/** Around the wires, for the width of the stroke. */
const PADDING = 4;

export interface PulseScene {
  index: SceneIndex;
  viewport: Viewport;
  /** The part of the canvas that the stage shows. */
  shown: Rect;
  colour: string;
  pixelRatio: number;
}

export class Pulses {
  readonly #canvas: HTMLCanvasElement;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  /** Let dashes travel along these wires until told otherwise. */
  show(wires: readonly number[], scene: PulseScene): void {
    this.hide();
    const context = this.#canvas.getContext("2d");
    const box = boxOf(wires, scene);
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
    const paint = () => this.#paint(context, wires, scene, box);
    paint();
    this.#timer = setInterval(paint, FRAME_MS);
  }

  hide(): void {
    if (this.#timer !== undefined) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.#canvas.style.display = "none";
    }
  }

  #paint(context: CanvasRenderingContext2D, wires: readonly number[], scene: PulseScene, box: Rect): void {
    const { index, viewport, pixelRatio, colour } = scene;
    const scale = viewport.zoom * pixelRatio;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    context.setTransform(scale, 0, 0, scale, -box.x * scale, -box.y * scale);
    context.beginPath();
    for (const wire of wires) {
      traceWire({ context, index, detail: viewport.zoom }, wire);
    }
    context.lineWidth = 2.4;
    context.lineCap = "round";
    context.strokeStyle = colour;
    context.setLineDash(DASH);
    context.lineDashOffset = -(performance.now() * DASH_UNITS_EACH_MS) % 28;
    context.stroke();
  }
}

/** The part of the view that holds these wires; null: none of them is in view. */
function boxOf(wires: readonly number[], { index, shown }: PulseScene): Rect | null {
  let left = Number.POSITIVE_INFINITY;
  let top = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  let bottom = Number.NEGATIVE_INFINITY;
  for (const wire of wires) {
    const rect = index.wires.rectOf(wire);
    left = Math.min(left, rect.x);
    top = Math.min(top, rect.y);
    right = Math.max(right, rect.x + rect.width);
    bottom = Math.max(bottom, rect.y + rect.height);
  }
  const x = Math.max(left - PADDING, shown.x);
  const y = Math.max(top - PADDING, shown.y);
  const width = Math.min(right + PADDING, shown.x + shown.width) - x;
  const height = Math.min(bottom + PADDING, shown.y + shown.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : null;
}
