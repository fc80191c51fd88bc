"use client";
/** The island at the right: always what is selected, and the project where nothing is. */

import type { ReactNode } from "react";
import { useStore } from "zustand";
import { useCanvas } from "@/canvas/canvas-context";
import { NodeInspector } from "@/canvas/inspector/node-inspector";
import { ProjectSummary } from "@/canvas/inspector/project-summary";
import { SelectionSummary } from "@/canvas/inspector/selection-summary";
import { useProject } from "@/live/project-context";
import { cn } from "@/ui/class-names";

interface InspectorProps {
  /** What can be done with several selected nodes: shown when there are several. */
  children?: ReactNode;
  /** Where it lies; it brings its look and its width. */
  className?: string;
}

export function Inspector({ children, className }: InspectorProps) {
  return (
    <aside
      aria-label="Inspector"
      className={cn(
        "island pointer-events-auto flex max-h-full min-h-0 w-[328px] max-w-full flex-col overflow-hidden rounded-[20px]",
        className,
      )}
    >
      <Content>{children}</Content>
    </aside>
  );
}

function Content({ children }: { children: ReactNode }) {
  const { selection } = useCanvas();
  const { graph } = useProject();
  const selected = useStore(selection.state, ({ nodes }) => nodes);
  const [first] = selected;
  const isThere = useStore(graph, ({ nodes }) => first !== undefined && nodes.has(first));
  if (first === undefined || !isThere) {
    return <ProjectSummary />;
  }
  if (selected.size > 1) {
    return <SelectionSummary nodeIds={selected}>{children}</SelectionSummary>;
  }
  return <NodeInspector key={first} nodeId={first} />;
}
