"use client";
/** One node as a card, exactly as large as its kind says: header above, result first, one row of facts. */

import { memo, useEffect, useId, useRef, useState } from "react";
import { useStore } from "zustand";
import type { GraphNode } from "@/live/graph";
import type { NodeStatus } from "@/live/node-status";
import { useProject } from "@/live/project-context";
import { type NodeMoment, useNodeMoment } from "@/live/status-store";
import { FACTS_HEIGHT, HEADER_HEIGHT } from "@/nodes/geometry";
import { NodeTitle } from "@/nodes/node-title";
import { type NodeDefinition, type NodeViewProps, TYPE_COLOUR } from "@/nodes/node-type";
import { nodeDefinition } from "@/nodes/registry";
import { StateChip } from "@/nodes/state-chip";
import { cn } from "@/ui/class-names";

/** The card of a node of the open project; the ring of a selected one is the canvas's. Renders again only when this node changes, or what it is doing. */
export const NodeCard = memo(function NodeCard({ nodeId }: { nodeId: string }) {
  const { graph, statuses } = useProject();
  const node = useStore(graph, ({ nodes }) => nodes.get(nodeId));
  const moment = useNodeMoment(statuses, nodeId);
  if (!node) {
    return null;
  }
  const definition = nodeDefinition(node.type);
  const { Face } = definition;
  return Face ? <Face node={node} moment={moment} /> : <Card definition={definition} node={node} moment={moment} />;
});

function Card({ definition, node, moment }: NodeViewProps & { definition: NodeDefinition }) {
  const titleId = useId();
  const { Body, Facts } = definition;
  const { state } = moment.status;
  const hasJustSucceeded = useJustSucceeded(state);
  return (
    <article
      aria-labelledby={titleId}
      data-node-id={node.id}
      data-state={state}
      className="group/card relative"
      style={definition.size(node.config)}
    >
      <Header definition={definition} node={node} moment={moment} titleId={titleId} />
      <div
        style={{ top: HEADER_HEIGHT }}
        className={cn(
          "absolute inset-x-0 bottom-0 flex flex-col rounded-node bg-card px-2 pt-2 shadow-node",
          hasJustSucceeded && "animate-ring-flash",
          state === "running" && "running-glow [--ring-color:var(--color-run)]",
        )}
      >
        {state === "running" && <div aria-hidden className="running-ring" />}
        <div className="min-h-0 flex-1">
          <Body node={node} moment={moment} />
        </div>
        <div style={{ height: FACTS_HEIGHT }} className="flex shrink-0 items-center gap-1.5 px-1">
          <Facts node={node} moment={moment} />
        </div>
      </div>
    </article>
  );
}

interface HeaderProps {
  definition: NodeDefinition;
  node: GraphNode;
  moment: NodeMoment;
  titleId: string;
}

function Header({ definition, node, moment, titleId }: HeaderProps) {
  const { icon: Icon, label, output, Subtitle, State } = definition;
  return (
    <header style={{ height: HEADER_HEIGHT }} className="flex items-center gap-2 px-1 pb-1.5">
      <Icon aria-hidden className={cn("size-4 shrink-0", output ? TYPE_COLOUR[output.type] : "text-mut")} />
      <NodeTitle node={node} label={label} id={titleId} />
      {Subtitle && (
        <span className="shrink-[2] truncate text-dim text-meta">
          <Subtitle node={node} moment={moment} />
        </span>
      )}
      <span className="ml-auto shrink-0">
        {State ? <State node={node} moment={moment} /> : <StateChip status={moment.status} />}
      </span>
    </header>
  );
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
