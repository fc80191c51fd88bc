/** What is asked of the layout worker, and what it answers: apart from it, so that its library stays in the worker. */

/** A node to lay out: what it is does not matter here. */
export interface LayoutNode {
  id: string;
  x: number;
  y: number;
  width: number;
  height: number;
  /** The frame of the request that it lies on and moves with; null: none. */
  frameId: string | null;
  isFrame: boolean;
}

export interface LayoutRequest {
  nodes: readonly LayoutNode[];
  /** Wires by the ids of their nodes. */
  wires: readonly { source: string; target: string }[];
}

/** The new place of a node; a frame also has a new size. */
export interface LayoutPlace {
  id: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Around what lies on a frame; above it, its title too. */
export const FRAME_PADDING = 32;
export const FRAME_TITLE = 32;
