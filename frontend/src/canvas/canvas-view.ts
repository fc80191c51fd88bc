/** What the rest of the studio asks of the canvas: where things are, and to look somewhere. The scene implements it. */

import type { Position } from "@/live/graph";

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A point in the browser window, CSS pixels. */
export interface ClientPoint {
  clientX: number;
  clientY: number;
}

export interface CanvasView {
  /** The canvas point under a point of the window. */
  toCanvas(point: ClientPoint): Position;
  /** The window point over a canvas point. */
  toClient(point: Position): ClientPoint;
  /** What is visible and not covered by islands, in canvas units. */
  visibleRect(): Rect;
  zoom(): number;
  /** Zoom around the middle of the view, within the limits of the canvas. */
  zoomTo(zoom: number): void;
  /** Show these nodes whole, or all of them; never larger than 100 %. */
  fit(nodeIds?: Iterable<string>): void;
  /** Bring a node into view, without zooming unless it is too small to be read. Resolves when it has its DOM. */
  reveal(nodeId: string): Promise<void>;
  /** Ids of the nodes that lie in a rectangle, wholly or in part. Frames only where they lie in it wholly. */
  nodesIn(rect: Rect): string[];
  /** The uppermost node at a canvas point. */
  nodeAt(point: Position): string | null;
  /** Hear of every change of the view, once a frame at most; returns how to end it. */
  watchView(watcher: () => void): () => void;
}
