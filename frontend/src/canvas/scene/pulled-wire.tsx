"use client";
/** A wire while it is pulled, and why it cannot end where it is held. */

import { type ConnectionLineComponentProps, type HandleType, useConnection } from "@xyflow/react";
import { problemBetween } from "@/canvas/scene/node-handles";
import { PORT_STROKE } from "@/canvas/scene/port-icon";
import { useStage } from "@/canvas/scene/stage-context";
import { wirePath } from "@/canvas/scene/wire-shape";
import { useProject } from "@/live/project-context";
import type { Port } from "@/nodes/node-type";
import { cn } from "@/ui/class-names";

interface Handle {
  nodeId: string;
  id?: string | null;
  type: HandleType;
}

/** The port behind one of React Flow's handles. */
function usePortOf(): (handle: Handle) => Port | null {
  const { definitions } = useStage();
  const { graph } = useProject();
  return ({ nodeId, id, type }) => {
    const definition = definitions(graph.getState().nodes.get(nodeId)?.type ?? "");
    return type === "source" ? definition.output : (definition.inputs.find(({ name }) => name === id) ?? null);
  };
}

export function PulledWire({ fromHandle, fromX, fromY, toX, toY, connectionStatus }: ConnectionLineComponentProps) {
  const port = usePortOf()(fromHandle);
  const from = { x: fromX, y: fromY };
  const to = { x: toX, y: toY };
  return (
    <path
      d={fromHandle.type === "source" ? wirePath(from, to) : wirePath(to, from)}
      fill="none"
      strokeWidth={2.4}
      strokeLinecap="round"
      strokeDasharray={connectionStatus === "valid" ? undefined : "6 6"}
      className={cn(
        connectionStatus === "invalid" ? "stroke-err" : port === null ? "stroke-dim" : PORT_STROKE[port.type],
      )}
    />
  );
}

/** Near the pointer, while the wire is held over a handle that does not take it. */
export function PullProblem() {
  const { connectionProblem } = useStage();
  const held = useConnection((connection) =>
    connection.inProgress && connection.toHandle && connection.isValid === false
      ? {
          fromNode: connection.fromHandle.nodeId,
          fromPort: connection.fromHandle.id ?? "",
          fromSide: connection.fromHandle.type,
          toNode: connection.toHandle.nodeId,
          toPort: connection.toHandle.id ?? "",
          toSide: connection.toHandle.type,
          x: connection.pointer.x,
          y: connection.pointer.y,
        }
      : null,
  );
  if (held === null) {
    return null;
  }
  const from = { nodeId: held.fromNode, port: held.fromPort, side: held.fromSide };
  const to = { nodeId: held.toNode, port: held.toPort, side: held.toSide };
  const problem =
    from.nodeId === to.nodeId && from.port === to.port ? null : problemBetween(from, to, connectionProblem);
  if (problem === null) {
    return null;
  }
  return (
    <p
      role="status"
      className="island pointer-events-none absolute z-20 max-w-72 px-3 py-2 text-body text-err-text"
      style={{ left: held.x + 16, top: held.y + 16 }}
    >
      {problem}
    </p>
  );
}
