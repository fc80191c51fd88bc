/** What presses and clicks on the canvas select. */

import type { Begun, Hit } from "@/canvas/scene/gesture-rules";
import type { SelectionStore } from "@/canvas/selection";

/** At once, when the pointer goes down: what is dragged is selected. */
export function selectAtPress(selection: SelectionStore, begun: Begun): void {
  switch (begun.kind) {
    case "node":
      if (begun.select === "only") {
        selection.set({ nodes: [begun.nodeId] });
      } else if (begun.select === "toggle") {
        selection.toggle(begun.nodeId);
      }
      break;
    case "wire":
      selectWire(selection, begun.wireId, begun.isAdding);
      break;
    default:
      break;
  }
}

/** When the pointer goes up where it went down. `tapped`: what a finger has touched. */
export function selectAtClick(selection: SelectionStore, begun: Begun, tapped: Hit | null): void {
  if (tapped) {
    selection.set(
      tapped.kind === "node" ? { nodes: [tapped.nodeId] } : tapped.kind === "wire" ? { wires: [tapped.wireId] } : {},
    );
  } else if (begun.kind === "box" && !begun.isAdding) {
    selection.clear();
  } else if (begun.kind === "node" && begun.select === "keep") {
    selection.set({ nodes: [begun.nodeId] }); // it was one of several, and was not dragged with them
  }
}

function selectWire(selection: SelectionStore, wireId: string, isAdding: boolean): void {
  if (!isAdding) {
    selection.set({ wires: [wireId] });
    return;
  }
  const { nodes, wires } = selection.state.getState();
  const next = new Set(wires);
  if (!next.delete(wireId)) {
    next.add(wireId);
  }
  selection.set({ nodes, wires: next });
}
