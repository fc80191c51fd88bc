/** What every painting function gets: where to paint, what there is, and how much of it can be seen from this far. */

import type { Faces, Measures } from "@/canvas/scene/faces";
import type { IconPaths } from "@/canvas/scene/icon-paths";
import type { Palette } from "@/canvas/scene/palette";
import type { SceneIndex } from "@/canvas/scene/scene-index";
import type { Thumbnails } from "@/canvas/scene/thumbnails";

export type Context2D = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

export interface Brush {
  /** Its unit is the canvas unit. */
  context: Context2D;
  palette: Palette;
  index: SceneIndex;
  faces: Faces;
  thumbnails: Pick<Thumbnails, "find">;
  icons: IconPaths;
  /** The font family of the page. */
  font: string;
  /** CSS pixels for each canvas unit. */
  zoom: number;
  /** The zoom by which it is decided what can be told apart: less while the zoom changes, when nobody reads. */
  detail: number;
  /** Device pixels for each CSS pixel. */
  pixelRatio: number;
}

/** What can be told apart at a zoom; each includes those before it. */
export const DETAIL = {
  /** Coloured shapes with round corners, wires as curves. */
  shapes: 0.12,
  /** Titles, states, lines where words are. */
  titles: 0.26,
  /** Everything. */
  words: 0.4,
} as const;

export function setFont(brush: Brush, size: number, weight = 400): void {
  brush.context.font = `${weight} ${size}px ${brush.font}`;
}

/** The font family of the page's words. */
export function fontOfPage(): string {
  return getComputedStyle(document.documentElement).getPropertyValue("--font-sans").trim() || "system-ui, sans-serif";
}

/** Measures text as the page's font has it, by an own small canvas. */
export function createMeasures(font: string): Measures {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  return (size) => (text) => {
    if (context === null) {
      return text.length * size * 0.55;
    }
    const wanted = `${size === 12.5 ? 500 : 400} ${size}px ${font}`;
    if (context.font !== wanted) {
      context.font = wanted;
    }
    return context.measureText(text).width;
  };
}

/** A disc or icon painted once at the size in which it is needed, because every card has several. */
export interface Sprite {
  image: OffscreenCanvas;
  /** Half its width, in canvas units. */
  half: number;
}
