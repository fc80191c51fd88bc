/** How the canvas lies under the window, and what moves it. Pure. */

import type { Rect } from "@/canvas/canvas-view";
import type { Position } from "@/live/graph";

/** The canvas point (0, 0) is shown at (x, y) of the stage, CSS pixels; `zoom` pixels for each canvas unit. */
export interface Viewport {
  x: number;
  y: number;
  zoom: number;
}

export interface Extent {
  width: number;
  height: number;
}

/** What islands cover of the stage at each side, CSS pixels. */
export interface Insets {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

export const MIN_ZOOM = 0.02;
export const MAX_ZOOM = 2;
/** Below this nodes have no DOM: their words could not be read. */
export const FAR_ZOOM = 0.45;
/** Kept free around what is fitted, CSS pixels, besides what islands cover. */
const FIT_MARGIN = 24;
/** What a mouse wheel's notch may zoom at most; a pinch on a trackpad comes in many small steps. */
const LARGEST_WHEEL_STEP = 24;
const ZOOM_PER_PIXEL = 0.01;

export function clampZoom(zoom: number): number {
  return Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, zoom));
}

/** `view` zoomed so that what is at `point` of the stage stays there. */
export function zoomedAt(view: Viewport, point: Position, zoom: number): Viewport {
  const next = clampZoom(zoom);
  const factor = next / view.zoom;
  return { x: point.x - (point.x - view.x) * factor, y: point.y - (point.y - view.y) * factor, zoom: next };
}

/** By how much a wheel event with the control key, or a pinch on a trackpad, zooms. `deltaPixels`: as the browser tells it. */
export function wheelZoomFactor(deltaPixels: number): number {
  const step = Math.max(-LARGEST_WHEEL_STEP, Math.min(LARGEST_WHEEL_STEP, deltaPixels));
  return Math.exp(-step * ZOOM_PER_PIXEL);
}

/** A wheel event's distance in pixels, whatever unit it counts in. */
export function wheelPixels(delta: number, deltaMode: number, page: number): number {
  return delta * (deltaMode === 1 ? 16 : deltaMode === 2 ? page : 1);
}

/** The view that shows `rect` whole, in the middle of what no island covers, at most at 100 %. */
export function fitted(rect: Rect, stage: Extent, insets: Insets): Viewport {
  const free = freeArea(stage, insets);
  const zoom = clampZoom(
    Math.min(
      1,
      (free.width - 2 * FIT_MARGIN) / Math.max(1, rect.width),
      (free.height - 2 * FIT_MARGIN) / Math.max(1, rect.height),
    ),
  );
  return centred({ x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 }, zoom, stage, insets);
}

/** The view with a canvas point in the middle of what no island covers. */
export function centred(point: Position, zoom: number, stage: Extent, insets: Insets): Viewport {
  const free = freeArea(stage, insets);
  return {
    x: free.x + free.width / 2 - point.x * zoom,
    y: free.y + free.height / 2 - point.y * zoom,
    zoom,
  };
}

/** What no island covers; on a stage too small for islands beside it, all of it. */
export function freeArea(stage: Extent, { top, right, bottom, left }: Insets): Rect {
  const width = stage.width - left - right;
  const height = stage.height - top - bottom;
  return width < stage.width / 3 || height < stage.height / 3
    ? { x: 0, y: 0, ...stage }
    : { x: left, y: top, width, height };
}

/** What of the canvas the stage shows, and `margin` pixels around it. */
export function shownRect({ x, y, zoom }: Viewport, stage: Extent, margin = 0): Rect {
  return {
    x: (-x - margin) / zoom,
    y: (-y - margin) / zoom,
    width: (stage.width + 2 * margin) / zoom,
    height: (stage.height + 2 * margin) / zoom,
  };
}

/** Whether `inner`, and `margin` units around it, lies in `outer`. */
export function isWithin(inner: Rect, outer: Rect, margin = 0): boolean {
  return (
    inner.x - margin >= outer.x &&
    inner.y - margin >= outer.y &&
    inner.x + inner.width + margin <= outer.x + outer.width &&
    inner.y + inner.height + margin <= outer.y + outer.height
  );
}

export function rectBetween(a: Position, b: Position): Rect {
  return { x: Math.min(a.x, b.x), y: Math.min(a.y, b.y), width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y) };
}

/** How far to push the view in a frame while something is dragged at the stage's edge. */
export function edgePush(point: Position, stage: Extent): Position {
  return { x: pushAlong(point.x, stage.width), y: pushAlong(point.y, stage.height) };
}

const EDGE = 36;
const FASTEST_PUSH = 16;

function pushAlong(at: number, length: number): number {
  if (at < EDGE) {
    return Math.min(FASTEST_PUSH, (EDGE - at) * 0.5);
  }
  return at > length - EDGE ? -Math.min(FASTEST_PUSH, (at - length + EDGE) * 0.5) : 0;
}
