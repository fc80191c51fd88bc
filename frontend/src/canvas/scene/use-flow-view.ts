"use client";
/** Moves React Flow's nodes in the very frame in which the scene was painted, and tells React Flow where the view is. */

import { useStoreApi } from "@xyflow/react";
import { type RefObject, useEffect } from "react";
import type { Scene } from "@/canvas/scene/scene";

/** `flow`: React Flow's own element. */
export function useFlowView(scene: Scene, flow: RefObject<HTMLElement | null>): void {
  const store = useStoreApi();
  useEffect(() => {
    let shown: unknown = null;
    let told: unknown = null;
    const endFrames = scene.watchFrames(() => {
      const { viewport, isFar, isMoving } = scene.view;
      const nodes = flow.current?.querySelector<HTMLElement>(".react-flow__viewport");
      if (nodes && !isFar) {
        // Only while it moves: text on a layer of its own is blurred at rest.
        nodes.style.willChange = isMoving ? "transform" : "";
        if (shown !== viewport) {
          shown = viewport;
          nodes.style.transform = `translate(${viewport.x}px,${viewport.y}px) scale(${viewport.zoom})`;
        }
      }
      // React Flow wakes every node and handle to tell them; they need it only at rest, and while a wire is pulled.
      if (told !== viewport && (!isMoving || store.getState().connection.inProgress)) {
        told = viewport;
        store.setState({ transform: [viewport.x, viewport.y, viewport.zoom] });
      }
    });
    // React Flow moves the view itself while a wire is held at the stage's edge.
    const endStore = store.subscribe(({ transform: [x, y, zoom] }, { transform: before }) => {
      const { viewport } = scene.view;
      const isOurs = x === viewport.x && y === viewport.y && zoom === viewport.zoom;
      const hasMoved = x !== before[0] || y !== before[1] || zoom !== before[2];
      if (hasMoved && !isOurs && store.getState().connection.inProgress) {
        scene.view.set({ x, y, zoom });
      }
    });
    return () => {
      endFrames();
      endStore();
    };
  }, [scene, flow, store]);
}
