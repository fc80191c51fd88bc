"use client";
/** A picture; if its face belongs to somebody, a character. */

import { Image } from "lucide-react";
import { parseImageConfig } from "@/nodes/image/image-config";
import { pictureAddress } from "@/nodes/image/picture";
import { EmptyMedia, MediaFrame } from "@/nodes/media-frame";
import type { NodeDefinition, NodeViewProps } from "@/nodes/node-type";
import { useAsset } from "@/nodes/use-media";
import { Chip } from "@/ui/chip";

export const imageNode: NodeDefinition = { label: "Image", icon: Image, output: "image", Body, Facts };

function Body({ node, moment }: NodeViewProps) {
  const asset = useAsset(parseImageConfig(node.config).asset_id);
  const address = asset && pictureAddress(asset);
  if (address) {
    return (
      <MediaFrame>
        {/* Signed addresses on another host: Next's image optimiser is no part of a static export. */}
        {/* biome-ignore lint/performance/noImgElement: see the line above. */}
        <img
          src={address}
          alt={node.title}
          loading="lazy"
          decoding="async"
          className="size-full object-cover object-[50%_20%]"
        />
      </MediaFrame>
    );
  }
  if (moment.status.state === "running") {
    return <MediaFrame />;
  }
  return <EmptyMedia>No picture yet</EmptyMedia>;
}

function Facts({ node }: NodeViewProps) {
  const asset = useAsset(parseImageConfig(node.config).asset_id);
  if (!asset) {
    return null;
  }
  return (
    <>
      {asset.width !== null && asset.height !== null && (
        <Chip>
          {asset.width} × {asset.height}
        </Chip>
      )}
      <Chip className="min-w-0 shrink">
        <span className="truncate">{asset.file_name}</span>
      </Chip>
    </>
  );
}
