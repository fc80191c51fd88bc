"use client";
/** What Run would do now: the one selected video, else everything. */

import { useStore } from "zustand";
import type { RunScope } from "@/api/runs";
import { useCanvas } from "@/canvas/canvas-context";
import type { Selection } from "@/canvas/selection";
import type { Graph } from "@/live/graph";
import { useProject } from "@/live/project-context";

/** The scope of the next run; null: there is no video node to run. */
export function nextRun(
  { nodes: selected }: Pick<Selection, "nodes">,
  { nodes }: Pick<Graph, "nodes">,
): RunScope | null {
  const video = oneVideo(selected, nodes);
  if (video !== null) {
    return { scope: "node", nodeId: video };
  }
  return hasVideo(nodes) ? { scope: "all" } : null;
}

/** Renders again only when the answer is another one. */
export function useNextRun(): RunScope | null {
  const { selection } = useCanvas();
  const { graph } = useProject();
  const selected = useStore(selection.state, ({ nodes }) => nodes);
  const nodeId = useStore(graph, ({ nodes }) => oneVideo(selected, nodes));
  const isAny = useStore(graph, ({ nodes }) => nodeId !== null || hasVideo(nodes));
  if (nodeId !== null) {
    return { scope: "node", nodeId };
  }
  return isAny ? { scope: "all" } : null;
}

function oneVideo(selected: ReadonlySet<string>, nodes: Graph["nodes"]): string | null {
  const [first] = selected;
  return selected.size === 1 && first !== undefined && nodes.get(first)?.type === "video" ? first : null;
}

function hasVideo(nodes: Graph["nodes"]): boolean {
  for (const { type } of nodes.values()) {
    if (type === "video") {
      return true;
    }
  }
  return false;
}
