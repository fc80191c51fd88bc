"use client";
/** What is wired into a video node: the nodes at each of its inputs, and what the model's rules need to know of them. */

import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import { type Graph, wiresInto } from "@/live/graph";
import { useProject } from "@/live/project-context";
import { useNodeMoment } from "@/live/status-store";
import { useTake } from "@/nodes/use-media";
import type { WiredInputs } from "@/nodes/video/capabilities";
import { parseVideoConfig } from "@/nodes/video/video-config";
import { type WiredSources, wiredPictures, wiredSources } from "@/nodes/video/wires";

export interface Wired {
  inputs: WiredInputs;
  sources: WiredSources;
}

export function useWired(nodeId: string): Wired {
  const { graph, statuses } = useProject();
  const wires = useStore(
    graph,
    useShallow((now) => wiresInto(now, nodeId)),
  );
  const nodes = useStore(
    graph,
    useShallow((now) => wiresInto(now, nodeId).map(({ source_node_id }) => now.nodes.get(source_node_id))),
  );
  const found = wires.flatMap((wire, index) => {
    const source = nodes[index];
    return source ? [{ wire, source }] : [];
  });
  const sources = wiredSources(found);
  const before = sources.get("video")?.[0]?.source ?? null;
  const plannedHops = useStore(graph, (now) => (before ? hopsOf(now, before.id) : 0));
  const take = useTake(useNodeMoment(statuses, before?.id ?? "").selectedTakeId);
  return {
    sources,
    inputs: {
      ...wiredPictures(sources),
      video: before && {
        aspectRatio: take ? shapeOf(take.asset) : parseVideoConfig(before.config).aspect_ratio,
        hops: take?.hop ?? plannedHops,
      },
    },
  };
}

/** As the server sees it (services/core/jobs/plan.py): taller than wide is portrait. */
function shapeOf({ width, height }: { width: number | null; height: number | null }): string {
  return (height ?? 0) > (width ?? 0) ? "9:16" : "16:9";
}

/** How many extensions the video of a node will hold, with those of the video that it goes on from. */
function hopsOf(graph: Graph, nodeId: string, seen: ReadonlySet<string> = new Set()): number {
  const node = graph.nodes.get(nodeId);
  if (!node || seen.has(nodeId)) {
    return 0;
  }
  const own = parseVideoConfig(node.config).extensions.length;
  const before = wiresInto(graph, nodeId).find(({ target_port }) => target_port === "video");
  return before ? hopsOf(graph, before.source_node_id, new Set([...seen, nodeId])) + 1 + own : own;
}
