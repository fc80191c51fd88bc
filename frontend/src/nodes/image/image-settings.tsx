"use client";
/** The settings of an image node in the inspector: the picture's facts, who is in it, and where it is used. */

import { useQuery } from "@tanstack/react-query";
import { charactersQuery } from "@/api/characters";
import type { Asset } from "@/api/media";
import { useStudio } from "@/api/studio";
import { useProject } from "@/live/project-context";
import { parseImageConfig } from "@/nodes/image/image-config";
import { pictureAddress } from "@/nodes/image/picture";
import type { NodeViewProps } from "@/nodes/node-type";
import { FeedsList } from "@/nodes/settings/feeds-list";
import { useAsset } from "@/nodes/use-media";

export function ImageSettings({ node, moment }: NodeViewProps) {
  const assetId = parseImageConfig(node.config).asset_id;
  const asset = useAsset(assetId);
  if (assetId === null) {
    return (
      <div className="flex flex-col gap-5">
        <p className="text-mut">There is no picture yet. Drop one on the node.</p>
        <FeedsList nodeId={node.id} />
      </div>
    );
  }
  const isInspected = moment.status.state === "running";
  return (
    <div className="flex flex-col gap-5">
      {asset && <Picture asset={asset} title={node.title} />}
      {isInspected && <p className="text-mut">The picture is being inspected.</p>}
      {asset && <Facts asset={asset} />}
      <People assetId={assetId} />
      <FeedsList nodeId={node.id} />
    </div>
  );
}

function Picture({ asset, title }: { asset: Asset; title: string }) {
  const address = pictureAddress(asset);
  return (
    address && (
      // biome-ignore lint/performance/noImgElement: a signed address on another host; a static export has no optimiser.
      <img src={address} alt={title} className="max-h-60 w-full rounded-media bg-media object-contain" />
    )
  );
}

function Facts({ asset }: { asset: Asset }) {
  const { width, height } = asset;
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 text-body [&>dd]:min-w-0 [&>dd]:truncate [&>dd]:text-right [&>dt]:text-mut">
      <dt>File</dt>
      <dd title={asset.file_name}>{asset.file_name}</dd>
      {width !== null && height !== null && (
        <>
          <dt>Size</dt>
          <dd className="tabular-nums">
            {width} × {height}
          </dd>
        </>
      )}
      <dt>Weight</dt>
      <dd className="tabular-nums">{weightWords(asset.size_bytes)}</dd>
    </dl>
  );
}

/** The characters whose faces were found in the picture. */
function People({ assetId }: { assetId: string }) {
  const { api } = useStudio();
  const { projectId } = useProject();
  const characters = useQuery(charactersQuery(api, projectId)).data;
  const shown = [...(characters?.values() ?? [])].filter(({ asset_ids }) => asset_ids.includes(assetId));
  if (shown.length === 0) {
    return null;
  }
  return (
    <section aria-label="Who it shows" className="flex flex-col gap-1.5">
      <h3 className="text-body text-mut">Who it shows</h3>
      <ul className="text-body">
        {shown.map(({ id, name, asset_ids }) => (
          <li key={id} className="flex items-baseline justify-between gap-3">
            <span className="truncate">{name}</span>
            <span className="shrink-0 text-dim text-meta">
              {asset_ids.length === 1 ? "1 picture" : `${asset_ids.length} pictures`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** "340 KB", "2.1 MB". */
function weightWords(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1000))} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
