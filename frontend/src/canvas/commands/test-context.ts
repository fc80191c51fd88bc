/** A canvas without a screen, for tests of what works with one. */

import { createStore } from "zustand/vanilla";
import type { Canvas, CanvasState } from "@/canvas/canvas-context";
import type { CanvasView } from "@/canvas/canvas-view";
import type { CommandContext } from "@/canvas/commands/command";
import { arrange } from "@/canvas/editing/arranging";
import { LayoutRunner } from "@/canvas/editing/layout-runner";
import { SelectionStore } from "@/canvas/selection";
import type { ProjectDocument } from "@/live/project-document";

/** What a view was asked to show, in words: "reveal a", "fit", "fit a b", "zoom 1". */
export interface RecordingView extends CanvasView {
  asked: string[];
}

export function aView(): RecordingView {
  const asked: string[] = [];
  return {
    asked,
    toCanvas: ({ clientX, clientY }) => ({ x: clientX, y: clientY }),
    toClient: ({ x, y }) => ({ clientX: x, clientY: y }),
    visibleRect: () => ({ x: 0, y: 0, width: 1000, height: 800 }),
    zoom: () => 0.8,
    zoomTo: (zoom) => void asked.push(`zoom ${zoom}`),
    fit: (nodeIds) => void asked.push(["fit", ...(nodeIds ?? [])].join(" ")),
    reveal: async (nodeId) => void asked.push(`reveal ${nodeId}`),
    nodesIn: () => [],
    nodeAt: () => null,
    watchView: () => () => {},
  };
}

export interface TestContext extends CommandContext {
  view: RecordingView;
}

export function aContext(document: ProjectDocument, changes: Partial<CommandContext> = {}): TestContext {
  const view = aView();
  const canvas: Canvas = {
    view,
    selection: new SelectionStore(),
    state: createStore<CanvasState>(() => ({ tool: "select", panel: { kind: "none" }, editing: null })),
  };
  return {
    document,
    canvas,
    view,
    layout: new LayoutRunner(async (requests) => requests.flatMap(arrange)),
    runs: null,
    choosePictures: () => {},
    addPictures: () => {},
    newPlace: () => ({ x: 500, y: 400 }),
    panels: new Set(["outline", "palette", "search", "shortcuts"]),
    ...changes,
  };
}
