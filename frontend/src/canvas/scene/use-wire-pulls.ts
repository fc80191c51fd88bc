"use client";
/** What becomes of a wire that was pulled out of a handle: React Flow pulls it, the stage says where it ended. */

import type { Connection, FinalConnectionState, ReactFlowProps } from "@xyflow/react";
import { useLayoutEffect, useMemo, useRef } from "react";
import type { ClientPoint } from "@/canvas/canvas-view";
import type { Scene } from "@/canvas/scene/scene";
import type { PulledEnd, StageProps } from "@/canvas/scene/stage-props";

type Pulls = Pick<ReactFlowProps, "onConnect" | "onConnectEnd" | "isValidConnection">;

export function useWirePulls(scene: Scene, props: StageProps): Pulls {
  const latest = useRef(props);
  useLayoutEffect(() => {
    latest.current = props;
  });
  return useMemo(
    () => ({
      isValidConnection: ({ source, sourceHandle, target, targetHandle }) =>
        latest.current.connectionProblem(
          { nodeId: source, port: sourceHandle ?? "" },
          { nodeId: target, port: targetHandle ?? "" },
        ) === null,
      onConnect: ({ source, sourceHandle, target, targetHandle }: Connection) =>
        latest.current.onConnect({
          sourceNode: source,
          sourcePort: sourceHandle ?? "",
          targetNode: target,
          targetPort: targetHandle ?? "",
        }),
      onConnectEnd: (event, state) => ended(event, state, scene, latest.current),
    }),
    [scene],
  );
}

function ended(event: MouseEvent | TouchEvent, state: FinalConnectionState, scene: Scene, props: StageProps): void {
  const { fromHandle, toHandle } = state;
  const client = pointOf(event);
  if (!fromHandle || toHandle || !client) {
    return; // on a handle it has ended for good or ill, and either was said
  }
  const end: PulledEnd = { nodeId: fromHandle.nodeId, port: fromHandle.id ?? "", side: fromHandle.type };
  const at = scene.view.toCanvas(client);
  const nodeId = scene.index.nodeAt(at);
  if (nodeId === null || scene.index.isFrame(nodeId)) {
    props.onDropWire(end, { client, at });
  } else if (nodeId !== end.nodeId) {
    props.onDropOnNode(end, nodeId);
  }
}

function pointOf(event: MouseEvent | TouchEvent): ClientPoint | null {
  if ("clientX" in event) {
    return { clientX: event.clientX, clientY: event.clientY };
  }
  return event.changedTouches[0] ?? null;
}
