"use client";
/** What a video node would cost if all of it were made anew, before the server is asked. */

import { useQuery } from "@tanstack/react-query";
import { useStore } from "zustand";
import { modelsQuery } from "@/api/models";
import { useStudio } from "@/api/studio";
import { type GraphNode, wiresInto } from "@/live/graph";
import { useProject } from "@/live/project-context";
import { priceOf } from "@/nodes/video/price";
import { parseVideoConfig } from "@/nodes/video/video-config";

/** In millionths of a US dollar; null while it is not known. */
export function useNodePrice(node: GraphNode): number | null {
  const { api } = useStudio();
  const { graph } = useProject();
  const config = parseVideoConfig(node.config);
  const extendsAnother = useStore(graph, (now) =>
    wiresInto(now, node.id).some(({ target_port }) => target_port === "video"),
  );
  const model = useQuery({
    ...modelsQuery(api),
    select: ({ models, default: standard }) => models.find(({ id }) => id === (config.model ?? standard)),
  }).data;
  return model ? priceOf(config, model, { extendsAnother }) : null;
}
