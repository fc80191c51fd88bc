/** What the stage is given, and what it tells: the border between the canvas and the studio around it. */

import type { ReactNode } from "react";
import type { CanvasView, ClientPoint } from "@/canvas/canvas-view";
import type { Insets } from "@/canvas/scene/view-math";
import type { SelectionStore } from "@/canvas/selection";
import type { Position } from "@/live/graph";
import type { KnownMedia, NodeDefinition } from "@/nodes/node-type";

/** A port of a node. */
export interface WireEnd {
  nodeId: string;
  port: string;
}

/** A wire's loose end: it was pulled out of this port. `side`: "source" for an output, "target" for an input. */
export interface PulledEnd extends WireEnd {
  side: "source" | "target";
}

export interface NewWire {
  sourceNode: string;
  sourcePort: string;
  targetNode: string;
  targetPort: string;
}

/** A place, in the window and on the canvas. */
export interface Spot {
  client: ClientPoint;
  at: Position;
}

/** What a menu was asked for. A node or wire that was not selected is selected by then. */
export type MenuTarget =
  | { kind: "node"; nodeId: string; at: Position }
  | { kind: "wire"; wireId: string; at: Position }
  | { kind: "canvas"; at: Position };

/**
 * The graph and the statuses come from `useProject()`. Functions may be new with each render; `definitions` and `renderNode`
 * should stay the same, or every card on screen renders again.
 */
export interface StageProps {
  definitions: (type: string) => NodeDefinition;
  /** The card of a node; it gets exactly the definition's size. Handles, selection ring and dragging are the stage's. */
  renderNode: (nodeId: string) => ReactNode;
  /** What painted cards show of the api's answers. A new object when any of them changes. */
  known: KnownMedia;
  selection: SelectionStore;
  tool: "select" | "hand";
  canEdit: boolean;
  /** What islands cover of the canvas: what is fitted or revealed is shown beside them. */
  insets: Insets;
  /** The accessible name of the canvas. */
  label: string;
  /** Once, when the view can be asked and moved. */
  onReady: (view: CanvasView) => void;
  /** At the end of a drag: the new positions of all nodes that moved, those carried by a frame included. */
  onMove: (moves: ReadonlyMap<string, Position>) => void;
  /** A wire was dropped on a handle that takes it. */
  onConnect: (wire: NewWire) => void;
  /** Why a wire cannot run from this output to this input, in a sentence; null: it can. Asked for each handle in view. */
  connectionProblem: (source: WireEnd, target: WireEnd) => string | null;
  /** A wire was dropped where nothing is. */
  onDropWire: (end: PulledEnd, spot: Spot) => void;
  /** A wire was dropped on a node beside its handles: the first port that fits may take it. */
  onDropOnNode: (end: PulledEnd, nodeId: string) => void;
  onOpenMenu: (client: ClientPoint, target: MenuTarget) => void;
  onEmptyDoubleClick: (spot: Spot) => void;
  /** A node was double-clicked while it had no card of its own (far out); the stage has gone there already. */
  onNodeDoubleClick?: (nodeId: string) => void;
  /** Over the canvas, inside the stage: positioned by whoever renders it. */
  children?: ReactNode;
}
