"use client";
/** All takes and pictures of the project, newest first: a way to each one's node, to the viewer, and to the file. */

import { useQuery } from "@tanstack/react-query";
import { Download, Expand, Image as ImageIcon } from "lucide-react";
import { useMemo, useState } from "react";
import { useStore } from "zustand";
import { assetsQuery, takesQuery } from "@/api/media";
import { asProblem } from "@/api/problem";
import { useStudio } from "@/api/studio";
import { useCanvas } from "@/canvas/canvas-context";
import { type MediaItem, mediaItems } from "@/canvas/gallery/media-items";
import { SidePanel } from "@/canvas/gallery/side-panel";
import { useGrowing } from "@/canvas/gallery/use-growing";
import { usePutPicture } from "@/canvas/gallery/use-put-picture";
import { useShowNode } from "@/canvas/inspector/use-show-node";
import { useProject } from "@/live/project-context";
import { downloadAsset } from "@/nodes/download";
import { HoverActions, MediaButton } from "@/nodes/media-button";
import { durationWords } from "@/nodes/progress";
import { useTask } from "@/nodes/use-task";
import { ProblemNotice } from "@/ui/problem-notice";
import { Segmented } from "@/ui/segmented";

interface GalleryPanelProps {
  className?: string;
}

/** Shows itself while the canvas's panel is the gallery. */
export function GalleryPanel({ className }: GalleryPanelProps) {
  const { state } = useCanvas();
  const isOpen = useStore(state, ({ panel }) => panel.kind === "gallery");
  return isOpen ? (
    <SidePanel title="Gallery" className={className}>
      <Gallery />
    </SidePanel>
  ) : null;
}

const FILTERS = [
  { value: "all", label: "All" },
  { value: "video", label: "Videos" },
  { value: "picture", label: "Pictures" },
] as const;

function Gallery() {
  const { api, queries } = useStudio();
  const { projectId, graph } = useProject();
  const takes = useQuery(takesQuery(api, queries, projectId));
  const assets = useQuery(assetsQuery(api, queries, projectId));
  const nodes = useStore(graph, (now) => now.nodes);
  const [filter, setFilter] = useState("all");
  const items = useMemo(
    () => (takes.data && assets.data ? mediaItems({ takes: takes.data, assets: assets.data, nodes }) : null),
    [takes.data, assets.data, nodes],
  );
  const problem = takes.error ?? assets.error;
  if (items === null) {
    return problem ? <ProblemNotice problem={asProblem(problem)} /> : <p className="text-mut">Looking…</p>;
  }
  const shown = items.filter(({ kind }) => filter === "all" || kind === filter);
  return (
    <div className="flex flex-col gap-4">
      <Segmented label="Show" options={FILTERS} value={filter} onChange={setFilter} />
      {shown.length === 0 ? (
        <p className="text-mut">Nothing yet. Takes and pictures appear here as they are made.</p>
      ) : (
        <Grid key={filter} items={shown} />
      )}
    </div>
  );
}

/** Grows as it is scrolled: a project may hold thousands of pictures. */
function Grid({ items }: { items: readonly MediaItem[] }) {
  const { count, end } = useGrowing(items.length);
  return (
    <>
      <ul className="grid grid-cols-2 gap-2.5">
        {items.slice(0, count).map((item) => (
          <li key={item.id} className="min-w-0">
            <Item item={item} />
          </li>
        ))}
      </ul>
      {count < items.length && <div ref={end} aria-hidden className="h-px" />}
    </>
  );
}

function Item({ item }: { item: MediaItem }) {
  const { state } = useCanvas();
  const show = useShowNode();
  const task = useTask();
  const { nodeId, asset, title, kind } = item;
  const address = asset.thumbnail_url ?? asset.poster_url ?? (kind === "picture" ? asset.url : null);
  const open = () =>
    nodeId !== null && state.setState({ panel: { kind: "takes", nodeId, takeId: item.id, from: "gallery" } });
  const put = usePutPicture();
  const canPut = nodeId === null && kind === "picture" && put !== null;
  const where = nodeId === null ? (canPut ? `Put ${title} on the canvas` : "Its node was deleted") : `Go to ${title}`;
  return (
    <figure className="group/card">
      <div className="relative">
        <button
          type="button"
          disabled={nodeId === null && !canPut}
          title={where}
          onClick={() => (nodeId === null ? put?.(asset, title) : show(nodeId))}
          onDoubleClick={kind === "video" ? open : undefined}
          className="block aspect-video w-full overflow-hidden rounded-[10px] bg-media"
        >
          {address === null ? (
            <ImageIcon aria-hidden className="m-auto size-5 text-on-media opacity-50" />
          ) : (
            // biome-ignore lint/performance/noImgElement: a signed address on another host; a static export has no optimiser.
            <img src={address} alt="" loading="lazy" decoding="async" className="size-full object-cover" />
          )}
          <span className="sr-only">{nodeId === null && !canPut ? title : where}</span>
        </button>
        <HoverActions>
          {kind === "video" && nodeId !== null && (
            <MediaButton label={`Open ${title}`} icon={<Expand aria-hidden />} onClick={open} />
          )}
          <MediaButton
            label={`Download ${asset.file_name}`}
            icon={<Download aria-hidden />}
            isBusy={task.isBusy}
            onClick={() => void task.start(() => downloadAsset(asset))}
          />
        </HoverActions>
        {asset.duration_seconds !== null && (
          <span className="pointer-events-none absolute bottom-1.5 left-1.5 rounded-full bg-scrim px-1.5 text-meta text-on-media tabular-nums">
            {durationWords(asset.duration_seconds)}
          </span>
        )}
      </div>
      <figcaption className="mt-1 truncate text-meta text-mut">{title}</figcaption>
    </figure>
  );
}
