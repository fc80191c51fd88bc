"use client";
/** The nodes that React Flow renders: the window around a view at rest. */

import type { Node } from "@xyflow/react";
import { startTransition, useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import { flowNode } from "@/canvas/scene/flow-node";
import { MountWindow, windowOf } from "@/canvas/scene/mount-window";
import type { Scene } from "@/canvas/scene/scene";
import { useProject } from "@/live/project-context";
import type { NodeDefinition } from "@/nodes/node-type";

/** Nodes this far outside the view have DOM already, CSS pixels. */
const MARGIN = 200;
const NONE: readonly string[] = [];

export function useFlowNodes(scene: Scene, definitions: (type: string) => NodeDefinition): Node[] {
  const { graph } = useProject();
  const [nodeIds, setNodeIds] = useState(NONE);
  useEffect(() => {
    const mounting = new MountWindow({
      onChange: (ids) => startTransition(() => setNodeIds(ids)),
      nextFrame: inNextFrame,
    });
    const refresh = () => {
      const { view, index } = scene;
      if (view.isMoving) {
        mounting.pause();
      } else if (view.isFar) {
        mounting.show(NONE);
      } else if (view.extent.width > 0) {
        mounting.show(windowOf(index, view.shown(MARGIN), nodesInUse()));
      }
    };
    scene.onWindow = refresh;
    refresh();
    return () => {
      scene.onWindow = () => {};
      mounting.pause();
    };
  }, [scene]);
  const shown = useStore(
    graph,
    useShallow(({ nodes }) => nodeIds.flatMap((nodeId) => nodes.get(nodeId) ?? [])),
  );
  return useMemo(
    () => shown.map((node) => flowNode(node, scene.index.nodes.slotOf(node.id) ?? 0, definitions(node.type))),
    [shown, scene, definitions],
  );
}

/** The node in which somebody types, or that plays: it must not vanish because one has looked elsewhere. */
function nodesInUse(): string[] {
  const focused = document.activeElement?.closest<HTMLElement>("[data-stage-node]")?.dataset.stageNode;
  return focused === undefined ? [] : [focused];
}

function inNextFrame(step: () => void): () => void {
  const frame = requestAnimationFrame(step);
  return () => cancelAnimationFrame(frame);
}
