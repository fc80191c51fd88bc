"use client";
/** Several selected nodes: how many of which kind, and what can be done with them together. */

import type { ReactNode } from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import { kindCounts } from "@/canvas/inspector/kind-counts";
import { useProject } from "@/live/project-context";

interface SelectionSummaryProps {
  nodeIds: ReadonlySet<string>;
  children: ReactNode;
}

export function SelectionSummary({ nodeIds, children }: SelectionSummaryProps) {
  const { graph } = useProject();
  const kinds = useStore(
    graph,
    useShallow(({ nodes }) => kindCounts([...nodeIds].flatMap((id) => nodes.get(id)?.type ?? []))),
  );
  return (
    <div className="flex min-h-0 flex-col gap-5 overflow-y-auto p-4">
      <header>
        <h2 className="text-title">{nodeIds.size} nodes selected</h2>
        <p className="text-meta text-mut">{kinds.join(", ")}</p>
      </header>
      {children}
    </div>
  );
}
