/** For tests: something on the canvas of an open project, with a view that only takes down what it is asked. */

import { createStore } from "zustand/vanilla";
import { type Canvas, CanvasProvider, type CanvasState } from "@/canvas/canvas-context";
import { SelectionStore } from "@/canvas/selection";
import { showInStudio, type TestStudio } from "@/nodes/settings/test-studio";

export interface TestCanvas extends TestStudio {
  canvas: Canvas;
  /** Nodes that were brought into view. */
  revealed: string[];
}

type ShowOptions = Omit<NonNullable<Parameters<typeof showInStudio>[1]>, "around"> & {
  selected?: readonly string[];
  panel?: CanvasState["panel"];
};

export async function showOnCanvas(
  children: Parameters<typeof showInStudio>[0],
  { selected = [], panel = { kind: "none" }, ...options }: ShowOptions = {},
): Promise<TestCanvas> {
  const revealed: string[] = [];
  const selection = new SelectionStore();
  selection.set({ nodes: selected });
  const canvas: Canvas = {
    selection,
    state: createStore<CanvasState>(() => ({ tool: "select", panel, editing: null })),
    view: {
      toCanvas: () => ({ x: 0, y: 0 }),
      toClient: () => ({ clientX: 0, clientY: 0 }),
      visibleRect: () => ({ x: 0, y: 0, width: 0, height: 0 }),
      zoom: () => 1,
      zoomTo: () => {},
      fit: () => {},
      reveal: async (nodeId) => {
        revealed.push(nodeId);
      },
      nodesIn: () => [],
      nodeAt: () => null,
      watchView: () => () => {},
    },
  };
  const studio = await showInStudio(children, {
    ...options,
    around: (inner) => <CanvasProvider value={canvas}>{inner}</CanvasProvider>,
  });
  return { ...studio, canvas, revealed };
}
