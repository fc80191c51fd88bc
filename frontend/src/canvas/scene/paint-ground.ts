/** What lies under everything: the ground with its dots, and the frames. */

import * as z from "zod/mini";
import type { Rect } from "@/canvas/canvas-view";
import { type Brush, type Context2D, DETAIL, setFont } from "@/canvas/scene/brush";
import { TITLE_SIZE } from "@/canvas/scene/faces";
import type { Palette, Token } from "@/canvas/scene/palette";
import type { Extent, Viewport } from "@/canvas/scene/view-math";
import { type Colour, colourOnWire } from "@/nodes/colours";
import { FRAME_OUTLINE, HEADER_HEIGHT } from "@/nodes/geometry";

/** Canvas units between dots, and a dot's diameter in CSS pixels. */
const DOT_STEP = 28;
const DOT_SIZE = 1.6;
/** Nearer to each other than this, in CSS pixels, dots are noise. */
const NEAREST_DOTS = 12;
/** Titles of frames stay this large when one goes away from them: they are the map. */
const SMALLEST_TITLE_PIXELS = 11;

const coloured = z.object({ colour: colourOnWire("plain") });
const TINT: Record<Colour, Token> = {
  plain: "panel",
  amber: "type-text",
  violet: "type-image",
  teal: "type-video",
  rose: "type-audio",
};

/** The colour that a person gave a frame or a note. */
export function tintOf(config: unknown): Token {
  return TINT[coloured.parse(config).colour];
}

/** One row of dots, painted for its zoom and copied down the view: filling it with a pattern costs ten times as much. */
export class Dots {
  #row: { image: OffscreenCanvas; key: string } | null = null;

  /** Cover the whole of `context`, whose unit is the device pixel, with the ground. */
  paint(context: Context2D, palette: Palette, { x, y, zoom }: Viewport, extent: Extent, pixelRatio: number): void {
    const width = Math.ceil(extent.width * pixelRatio);
    const height = Math.ceil(extent.height * pixelRatio);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = palette.colour.bg;
    context.fillRect(0, 0, width, height);
    if (DOT_STEP * zoom < NEAREST_DOTS) {
      return;
    }
    const step = DOT_STEP * zoom * pixelRatio;
    const row = this.#rowFor(palette, width, step, DOT_SIZE * pixelRatio);
    // On whole pixels, where copying is cheapest; half a pixel beside the canvas no eye sees on dots.
    const left = Math.round(modulo(x * pixelRatio, step) - step);
    const half = row.height / 2;
    for (let top = modulo(y * pixelRatio, step); top < height + half; top += step) {
      context.drawImage(row, left, Math.round(top - half));
    }
  }

  #rowFor(palette: Palette, width: number, step: number, dot: number): OffscreenCanvas {
    const key = `${width} ${step} ${dot} ${palette.colour.dot}`;
    if (this.#row?.key !== key) {
      const side = Math.ceil(dot) + 1;
      const image = new OffscreenCanvas(Math.ceil(width + 2 * step), side);
      const ink = image.getContext("2d");
      if (ink) {
        ink.fillStyle = palette.colour.dot;
        ink.beginPath();
        for (let x = 0; x < image.width; x += step) {
          ink.moveTo(x + dot / 2, side / 2);
          ink.arc(x, side / 2, dot / 2, 0, 2 * Math.PI);
        }
        ink.fill();
      }
      this.#row = { image, key };
    }
    return this.#row.image;
  }
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}

/** Frames: always painted, under wires and nodes; the title is left to those in `withDom`, which have their own. */
export function paintFrames(brush: Brush, slots: readonly number[], withDom: ReadonlySet<number>): void {
  const { context, palette, index, zoom } = brush;
  for (const slot of slots) {
    const { x, y, width, height } = index.nodes.rectOf(slot);
    const tint = tintOf(index.nodes.node[slot]?.config);
    const isPlain = tint === "panel";
    context.beginPath();
    context.roundRect(x, y + HEADER_HEIGHT, width, height - HEADER_HEIGHT, FRAME_OUTLINE.radius);
    context.fillStyle = palette.faint(tint, isPlain ? 0.35 : 0.05);
    context.fill();
    context.lineWidth = Math.max(1, 1 / zoom);
    context.strokeStyle = isPlain ? palette.colour["line-strong"] : palette.faint(tint, 0.38);
    context.stroke();
    if (!withDom.has(slot)) {
      paintFrameTitle(brush, slot, { x, y, width, height });
    }
  }
}

function paintFrameTitle(brush: Brush, slot: number, { x, y, width }: Rect): void {
  const { context, palette, index, zoom, detail } = brush;
  const size = Math.max(TITLE_SIZE, SMALLEST_TITLE_PIXELS / zoom);
  const title = index.nodes.node[slot]?.title ?? "";
  if (size * 4 > width || (detail < DETAIL.shapes && width * zoom < 60)) {
    return;
  }
  setFont(brush, size, 500);
  context.fillStyle = palette.colour.fg;
  context.textBaseline = "alphabetic";
  context.fillText(title, x + 4, y + HEADER_HEIGHT - size * 0.7, width - 8);
}
