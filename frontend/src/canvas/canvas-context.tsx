"use client";
/** The open canvas, for everything on it: the view, the selection, and what is open beside it. */

import { createContext, useContext } from "react";
import type { StoreApi } from "zustand/vanilla";
import type { CanvasView } from "@/canvas/canvas-view";
import type { SelectionStore } from "@/canvas/selection";

export type Tool = "select" | "hand";

/** What lies over the canvas or beside it; one at a time. */
export type Panel =
  | { kind: "none" }
  | { kind: "outline" }
  | { kind: "gallery" }
  | { kind: "characters" }
  | { kind: "palette"; at: { x: number; y: number } | null }
  /** The palette, for finding nodes only. */
  | { kind: "search" }
  | { kind: "shortcuts" }
  | { kind: "people" }
  | { kind: "plan" }
  /** `takeId`: that video alone, else those of `nodeIds`. */
  | { kind: "export"; nodeIds: readonly string[]; takeId?: string }
  /** `takeId`: the one to begin with, else the one that the node uses. `from`: the panel to come back to. */
  | { kind: "takes"; nodeId: string; takeId?: string; from?: "gallery" };

export interface CanvasState {
  tool: Tool;
  panel: Panel;
  /** The node whose name or text is being typed; null: none. */
  editing: string | null;
}

export interface Canvas {
  view: CanvasView;
  selection: SelectionStore;
  state: StoreApi<CanvasState>;
}

const CanvasContext = createContext<Canvas | null>(null);

export const CanvasProvider = CanvasContext;

export function useCanvas(): Canvas {
  const canvas = useContext(CanvasContext);
  if (canvas === null) {
    throw new Error("There is no open canvas above this component.");
  }
  return canvas;
}
