"use client";
/** Shows the takes of a node large while the canvas's panel asks for it; what that needs is loaded only then. */

import { useStore } from "zustand";
import { useCanvas } from "@/canvas/canvas-context";
import { lazily } from "@/ui/lazily";

const Viewer = lazily(async () => (await import("@/canvas/viewer/viewer")).Viewer);

export function TakesPanel() {
  const { state } = useCanvas();
  const opened = useStore(state, ({ panel }) => (panel.kind === "takes" ? panel : null));
  if (opened === null) {
    return null;
  }
  const { nodeId, takeId, from } = opened;
  const close = () => state.setState({ panel: { kind: from ?? "none" } });
  return <Viewer key={nodeId} nodeId={nodeId} takeId={takeId} onClose={close} />;
}
