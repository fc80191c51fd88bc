"use client";
/** The nodes of the open project as cards, in reading order. Knows their order only: what a node shows is its card's matter. */

import type { ReactNode } from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import { readingOrder } from "@/live/graph";
import { useProject } from "@/live/project-context";
import { NodeCard } from "@/nodes/node-card";

interface NodeGridProps {
  renderCard?: (nodeId: string) => ReactNode;
}

export function NodeGrid({ renderCard = (nodeId) => <NodeCard nodeId={nodeId} /> }: NodeGridProps) {
  const { graph } = useProject();
  const nodeIds = useStore(
    graph,
    useShallow(({ nodes }) => readingOrder(nodes)),
  );
  if (nodeIds.length === 0) {
    return (
      <div className="mx-auto mt-[16vh] flex max-w-sm flex-col items-center gap-2 text-center">
        <h2 className="font-semibold text-[17px] tracking-tight">Nothing on this canvas yet</h2>
        <p className="text-mut">Nodes that are added to the project appear here by themselves.</p>
      </div>
    );
  }
  return (
    <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,330px),1fr))] items-start gap-x-6 gap-y-9">
      {nodeIds.map((nodeId) => (
        <li key={nodeId} className="min-w-0">
          {renderCard(nodeId)}
        </li>
      ))}
    </ul>
  );
}
