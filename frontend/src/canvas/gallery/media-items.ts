/** Everything there is to look at in a project: takes and pictures, newest first. Pure. */

import type { Asset, Take } from "@/api/media";
import type { GraphNode } from "@/live/graph";
import { parseImageConfig } from "@/nodes/image/image-config";

export interface MediaItem {
  /** Of the take, or of the picture. */
  id: string;
  kind: "video" | "picture";
  asset: Asset;
  /** The node that shows it, or made it; null: it is gone. */
  nodeId: string | null;
  title: string;
  createdAt: string;
}

interface MediaSources {
  takes: ReadonlyMap<string, Take>;
  assets: ReadonlyMap<string, Asset>;
  nodes: ReadonlyMap<string, Pick<GraphNode, "id" | "type" | "title" | "config">>;
}

/** Clips on the way to a longer video are left out: the longer one holds them. */
export function mediaItems({ takes, assets, nodes }: MediaSources): MediaItem[] {
  const continued = new Set([...takes.values()].map(({ parent_take_id }) => parent_take_id));
  const videos = [...takes.values()]
    .filter(({ id, asset }) => !continued.has(id) && asset.state === "ready")
    .map((take): MediaItem => {
      const node = nodes.get(take.node_id);
      return {
        id: take.id,
        kind: "video",
        asset: take.asset,
        nodeId: node?.id ?? null,
        title: node?.title ?? take.asset.file_name,
        createdAt: take.created_at,
      };
    });
  const shownBy = picturesByAsset(nodes);
  const pictures = [...assets.values()]
    .filter(({ kind, state }) => kind === "image" && state === "ready")
    .map((asset): MediaItem => {
      const node = shownBy.get(asset.id);
      return {
        id: asset.id,
        kind: "picture",
        asset,
        nodeId: node?.id ?? null,
        title: node?.title ?? asset.file_name,
        createdAt: asset.created_at,
      };
    });
  return [...videos, ...pictures].sort((a, b) => b.createdAt.localeCompare(a.createdAt) || a.id.localeCompare(b.id));
}

/** The first image node that shows each picture, by the picture's id. */
export function picturesByAsset<T extends Pick<GraphNode, "type" | "config">>(
  nodes: ReadonlyMap<string, T>,
): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  for (const node of nodes.values()) {
    const assetId = node.type === "image" ? parseImageConfig(node.config).asset_id : null;
    if (assetId !== null && !found.has(assetId)) {
      found.set(assetId, node);
    }
  }
  return found;
}
