"use client";
/** Goes to a node: selects it, and brings it into view. */

import { useCallback } from "react";
import { useCanvas } from "@/canvas/canvas-context";

export function useShowNode(): (nodeId: string) => void {
  const { selection, view } = useCanvas();
  return useCallback(
    (nodeId: string) => {
      selection.set({ nodes: [nodeId] });
      void view.reveal(nodeId);
    },
    [selection, view],
  );
}
