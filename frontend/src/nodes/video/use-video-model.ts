"use client";
/** The model that a video node asks for, or the catalogue's own choice. */

import { useQuery } from "@tanstack/react-query";
import { modelsQuery } from "@/api/models";
import { useStudio } from "@/api/studio";
import type { GraphNode } from "@/live/graph";
import type { VideoModel } from "@/nodes/video/capabilities";
import { parseVideoConfig } from "@/nodes/video/video-config";

/** Undefined while the catalogue is not known, and where the model is not in it. */
export function useVideoModel(node: GraphNode): VideoModel | undefined {
  const { api } = useStudio();
  const { model } = parseVideoConfig(node.config);
  return useQuery({
    ...modelsQuery(api),
    select: ({ models, default: standard }) => models.find(({ id }) => id === (model ?? standard)),
  }).data;
}
