"use client";
/** The discs on a card's edges where wires begin and end: what flows, whether something is wired, and whether a wire fits. */

import { Handle, Position as Side, useConnection } from "@xyflow/react";
import type { CSSProperties } from "react";
import { useStore } from "zustand";
import { PORT_ICON, PORT_LOOK } from "@/canvas/scene/port-icon";
import { useStage } from "@/canvas/scene/stage-context";
import type { PulledEnd, WireEnd } from "@/canvas/scene/stage-props";
import { wiresInto, wiresOutOf } from "@/live/graph";
import { useProject } from "@/live/project-context";
import { HANDLE_SIZE, handleOffset } from "@/nodes/geometry";
import type { Port } from "@/nodes/node-type";
import { cn } from "@/ui/class-names";

export function NodeHandles({ nodeId }: { nodeId: string }) {
  const { graph } = useProject();
  const { definitions } = useStage();
  const type = useStore(graph, ({ nodes }) => nodes.get(nodeId)?.type);
  if (type === undefined) {
    return null;
  }
  const { inputs, output } = definitions(type);
  return (
    <>
      {inputs.map((port, index) => (
        <NodeHandle key={port.name} nodeId={nodeId} port={port} side="target" top={handleOffset(index)} />
      ))}
      {output && <NodeHandle nodeId={nodeId} port={output} side="source" top={handleOffset(0)} />}
    </>
  );
}

interface NodeHandleProps {
  nodeId: string;
  port: Port;
  side: "source" | "target";
  top: number;
}

function NodeHandle({ nodeId, port, side, top }: NodeHandleProps) {
  const { canEdit } = useStage();
  const isWired = useIsWired(nodeId, port.name, side);
  const fit = useFit(nodeId, port.name, side);
  const Icon = PORT_ICON[port.type];
  const isInput = side === "target";
  return (
    <Handle
      type={side}
      id={port.name}
      position={isInput ? Side.Left : Side.Right}
      isConnectable={canEdit}
      role="img"
      aria-label={`${isInput ? "Input" : "Output"}: ${port.title}${isWired ? ", wired" : ""}`}
      className={cn(
        "group/handle pointer-events-auto! grid place-items-center rounded-full border-2 transition-opacity",
        isWired ? PORT_LOOK[port.type].wired : PORT_LOOK[port.type].free,
        canEdit && "cursor-crosshair!",
        fit === "fits" && "animate-sheen",
        fit === "unfit" && "opacity-25",
      )}
      style={placeOf(isInput, top)}
      data-fit={fit}
    >
      <Icon aria-hidden className="pointer-events-none size-[11px]" strokeWidth={2.4} />
      <span
        aria-hidden
        className={cn(
          "pointer-events-none absolute z-10 hidden whitespace-nowrap rounded-full bg-raise px-2 py-0.5 text-fg text-meta shadow-island group-hover/handle:block",
          isInput ? "right-full mr-1.5" : "left-full ml-1.5",
        )}
      >
        {port.title}
      </span>
    </Handle>
  );
}

/** Half outside the card. Without a transform, which React Flow would use: each costs in every frame that moves the view. */
function placeOf(isInput: boolean, middle: number): CSSProperties {
  const out = -HANDLE_SIZE / 2;
  return {
    top: middle - HANDLE_SIZE / 2,
    left: isInput ? out : "auto",
    right: isInput ? "auto" : out,
    width: HANDLE_SIZE,
    height: HANDLE_SIZE,
    transform: "none",
  };
}

/** Whether a wire ends at this port. */
function useIsWired(nodeId: string, port: string, side: "source" | "target"): boolean {
  const { graph } = useProject();
  return useStore(graph, (now) =>
    side === "target"
      ? wiresInto(now, nodeId).some((wire) => wire.target_port === port)
      : wiresOutOf(now, nodeId).some((wire) => wire.source_port === port),
  );
}

/** While a wire is pulled: whether it could end here. Its own beginning is neither. */
function useFit(nodeId: string, port: string, side: "source" | "target"): "idle" | "from" | "fits" | "unfit" {
  const { connectionProblem } = useStage();
  return useConnection(({ inProgress, fromHandle }) => {
    if (!inProgress || !fromHandle) {
      return "idle";
    }
    const from: PulledEnd = { nodeId: fromHandle.nodeId, port: fromHandle.id ?? "", side: fromHandle.type };
    if (from.nodeId === nodeId && from.port === port && from.side === side) {
      return "from";
    }
    return problemBetween(from, { nodeId, port, side }, connectionProblem) === null ? "fits" : "unfit";
  });
}

/** Why a pulled wire cannot end at a port; null: it can. */
export function problemBetween(
  from: PulledEnd,
  to: PulledEnd,
  connectionProblem: (source: WireEnd, target: WireEnd) => string | null,
): string | null {
  if (from.side === to.side) {
    return from.side === "source" ? "An output cannot run into another output." : "A wire needs an output at one end.";
  }
  return from.side === "source" ? connectionProblem(from, to) : connectionProblem(to, from);
}
