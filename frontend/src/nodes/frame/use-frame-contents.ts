"use client";
/** How many nodes lie in a frame, and what was spent on them. */

import { useQuery } from "@tanstack/react-query";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import { takesQuery } from "@/api/media";
import { useStudio } from "@/api/studio";
import type { GraphNode } from "@/live/graph";
import { useProject } from "@/live/project-context";
import { nodesInside, spentOn } from "@/nodes/frame/inside";
import { nodeDefinition } from "@/nodes/registry";

export interface FrameContents {
  nodes: number;
  /** In millionths of a US dollar; null while it is not known. */
  spentMicrousd: number | null;
}

export function useFrameContents(frame: GraphNode): FrameContents {
  const { api, queries } = useStudio();
  const { graph, projectId } = useProject();
  const nodeIds = useStore(
    graph,
    useShallow(({ nodes }) => nodesInside(nodes, frame, sizeOf(frame), sizeOf)),
  );
  const spentMicrousd = useQuery({
    ...takesQuery(api, queries, projectId),
    enabled: nodeIds.length > 0,
    select: (takes) => spentOn(takes.values(), nodeIds),
  }).data;
  return { nodes: nodeIds.length, spentMicrousd: spentMicrousd ?? null };
}

function sizeOf({ type, config }: GraphNode) {
  return nodeDefinition(type).size(config);
}
