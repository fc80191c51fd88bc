"use client";
/** Shows the takes of a node large while the canvas's panel asks for it; what that needs is loaded only then. */

import { useStore } from "zustand";
import { useCanvas } from "@/canvas/canvas-context";
import { lazily } from "@/ui/lazily";

const Viewer = lazily(async () => (await import("@/canvas/viewer/viewer")).Viewer);

export function TakesPanel() {
  const { state } = useCanvas();
  const nodeId = useStore(state, ({ panel }) => (panel.kind === "takes" ? panel.nodeId : null));
  return nodeId === null ? null : (
    <Viewer key={nodeId} nodeId={nodeId} onClose={() => state.setState({ panel: { kind: "none" } })} />
  );
}
