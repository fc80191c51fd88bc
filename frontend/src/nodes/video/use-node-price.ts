"use client";
/** What a video node would cost if all of it were made anew, before the server is asked. */

import { useStore } from "zustand";
import { type GraphNode, wiresInto } from "@/live/graph";
import { useProject } from "@/live/project-context";
import { priceOf } from "@/nodes/video/price";
import { useVideoModel } from "@/nodes/video/use-video-model";
import { parseVideoConfig } from "@/nodes/video/video-config";

/** In millionths of a US dollar; null while it is not known. */
export function useNodePrice(node: GraphNode): number | null {
  const { graph } = useProject();
  const extendsAnother = useStore(graph, (now) =>
    wiresInto(now, node.id).some(({ target_port }) => target_port === "video"),
  );
  const model = useVideoModel(node);
  return model ? priceOf(parseVideoConfig(node.config), model, { extendsAnother }) : null;
}
