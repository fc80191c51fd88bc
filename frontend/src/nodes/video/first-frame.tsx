"use client";
/** What a video that is still to be made begins with, faintly: the picture that is wired to its first frame. */

import { useStore } from "zustand";
import { wiresInto } from "@/live/graph";
import { useProject } from "@/live/project-context";
import { parseImageConfig } from "@/nodes/image/image-config";
import { pictureAddress } from "@/nodes/image/picture";
import { useAsset } from "@/nodes/use-media";
import { cn } from "@/ui/class-names";

interface FirstFrameProps {
  nodeId: string;
  /** Shown instead: the address of what the node held before. */
  instead: string | null;
  isFaint: boolean;
}

export function FirstFrame({ nodeId, instead, isFaint }: FirstFrameProps) {
  const { graph } = useProject();
  const source = useStore(graph, (now) => {
    const wire = wiresInto(now, nodeId).find(({ target_port }) => target_port === "image");
    return wire && now.nodes.get(wire.source_node_id);
  });
  const asset = useAsset(source?.type === "image" ? parseImageConfig(source.config).asset_id : null);
  const address = instead ?? (asset && pictureAddress(asset));
  if (!address) {
    return null;
  }
  return (
    // biome-ignore lint/performance/noImgElement: a signed address on another host; a static export has no optimiser.
    <img
      src={address}
      alt=""
      className={cn("size-full scale-110 object-cover object-[50%_20%] blur-md", isFaint ? "opacity-25" : "opacity-45")}
    />
  );
}
