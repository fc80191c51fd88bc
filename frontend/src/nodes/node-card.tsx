"use client";
/** One node as a card: header above it, result first, one row of facts, and what became of it. */

import { Info } from "lucide-react";
import { memo, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { useStore } from "zustand";
import type { GraphNode } from "@/live/graph";
import type { NodeStatus, Reason } from "@/live/node-status";
import { useProject } from "@/live/project-context";
import { type NodeMoment, useNodeMoment } from "@/live/status-store";
import { EndedBadly } from "@/nodes/ended-badly";
import { InputsRow } from "@/nodes/inputs-row";
import { TYPE_COLOUR } from "@/nodes/node-type";
import { nodeDefinition } from "@/nodes/registry";
import { RunningOverlay } from "@/nodes/running-overlay";
import { StateChip } from "@/nodes/state-chip";
import { cn } from "@/ui/class-names";

/** The card of a node of the open project. Renders again only when this node changes, or what it is doing. */
export const NodeCard = memo(function NodeCard({ nodeId }: { nodeId: string }) {
  const { graph, statuses } = useProject();
  const node = useStore(graph, ({ nodes }) => nodes.get(nodeId));
  const moment = useNodeMoment(statuses, nodeId);
  return node ? <Card node={node} moment={moment} /> : null;
});

function Card({ node, moment }: { node: GraphNode; moment: NodeMoment }) {
  const titleId = useId();
  const { Body, Facts } = nodeDefinition(node.type);
  const { status } = moment;
  const hasJustSucceeded = useJustSucceeded(status.state);
  return (
    <article aria-labelledby={titleId} data-state={status.state} className="flex min-w-0 flex-col gap-2">
      <Header node={node} moment={moment} titleId={titleId} />
      <div
        className={cn(
          "relative flex flex-col rounded-node bg-card p-2 shadow-node",
          hasJustSucceeded && "animate-ring-flash",
          status.state === "running" && "running-glow [--ring-color:var(--color-run)]",
        )}
      >
        {status.state === "running" && <div aria-hidden className="running-ring animate-ring-turn" />}
        <Media moment={moment}>
          <Body node={node} moment={moment} />
        </Media>
        <div className="flex min-h-9 flex-wrap items-center gap-1.5 px-1.5 pt-2 pb-0.5 empty:hidden">
          <Facts node={node} moment={moment} />
        </div>
        <Remark moment={moment} />
        <InputsRow nodeId={node.id} />
      </div>
    </article>
  );
}

function Header({ node, moment, titleId }: { node: GraphNode; moment: NodeMoment; titleId: string }) {
  const { icon: Icon, label, output, Subtitle } = nodeDefinition(node.type);
  return (
    <header className="flex h-6 items-center gap-2 px-1">
      <Icon aria-hidden className={cn("size-4 shrink-0", output === null ? "text-mut" : TYPE_COLOUR[output])} />
      <h2 id={titleId} className="min-w-0 truncate font-medium text-node" title={node.title}>
        <span className="sr-only">{label}: </span>
        {node.title}
      </h2>
      {Subtitle && (
        <span className="shrink-[2] truncate text-dim text-meta">
          <Subtitle node={node} moment={moment} />
        </span>
      )}
      <span className="ml-auto shrink-0">
        <StateChip status={moment.status} />
      </span>
    </header>
  );
}

/** The node's result, or what stands in its place. */
function Media({ moment, children }: { moment: NodeMoment; children: ReactNode }) {
  const { status, selectedTakeId } = moment;
  switch (status.state) {
    case "running":
      return (
        <div className="relative">
          {children}
          <RunningOverlay status={status} />
        </div>
      );
    case "waiting":
    case "queued":
      return (
        <div className="relative">
          <div className="opacity-25 blur-sm">{children}</div>
          <p className="absolute inset-0 grid place-items-center p-4 text-center text-mut">
            {status.state === "queued" ? "Starts as soon as there is room" : "Starts when its input is ready"}
          </p>
        </div>
      );
    case "blocked":
      return <EndedBadly state="blocked" reason={status.reason} />; // never the media: it was stopped for a reason
    case "failed":
      return selectedTakeId === null ? <EndedBadly state="failed" reason={status.reason} /> : children;
    default:
      return children;
  }
}

/** What a person should know besides, below a result that is still shown. */
function Remark({ moment }: { moment: NodeMoment }) {
  const reason = remarkOf(moment);
  if (reason === null) {
    return null;
  }
  return (
    <div className="flex gap-2 px-2 pt-1 pb-2 text-body">
      <Info aria-hidden className="mt-0.5 size-4 shrink-0 text-dim" />
      <div className="min-w-0">
        <p>{reason.message}</p>
        {reason.advice && <p className="text-mut">{reason.advice}</p>}
      </div>
    </div>
  );
}

function remarkOf({ status, selectedTakeId }: NodeMoment): Reason | null {
  switch (status.state) {
    case "succeeded":
      return status.notice;
    case "cancelled":
      return status.reason;
    case "failed":
      return selectedTakeId === null ? null : status.reason; // else it stands in the place of the result
    default:
      return null;
  }
}

/** True for a moment after the node came to success before our eyes; not for one that was there already. */
function useJustSucceeded(state: NodeStatus["state"]): boolean {
  const before = useRef(state);
  const [isTrue, setTrue] = useState(false);
  useEffect(() => {
    const hasChanged = before.current !== state;
    before.current = state;
    if (!hasChanged || state !== "succeeded") {
      return;
    }
    setTrue(true);
    const timer = setTimeout(() => setTrue(false), 500);
    return () => {
      clearTimeout(timer);
      setTrue(false);
    };
  }, [state]);
  return isTrue;
}
