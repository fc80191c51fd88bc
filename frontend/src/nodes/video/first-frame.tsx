"use client";
/** What a video that is still to be made begins with, faintly: the picture that is wired to its first frame. */

import { useStore } from "zustand";
import { wiresInto } from "@/live/graph";
import { useProject } from "@/live/project-context";
import { parseImageConfig } from "@/nodes/image/image-config";
import { pictureAddress } from "@/nodes/image/picture";
import { MediaFrame } from "@/nodes/media-frame";
import { useAsset } from "@/nodes/use-media";

export function FirstFrame({ nodeId }: { nodeId: string }) {
  const { graph } = useProject();
  const source = useStore(graph, (now) => {
    const wire = wiresInto(now, nodeId).find(({ target_port }) => target_port === "image");
    return wire && now.nodes.get(wire.source_node_id);
  });
  const asset = useAsset(source?.type === "image" ? parseImageConfig(source.config).asset_id : null);
  const address = asset && pictureAddress(asset);
  return (
    <MediaFrame className="bg-media">
      {address && (
        // biome-ignore lint/performance/noImgElement: a signed address on another host; a static export has no optimiser.
        <img src={address} alt="" className="size-full scale-110 object-cover object-[50%_20%] opacity-45 blur-md" />
      )}
    </MediaFrame>
  );
}
