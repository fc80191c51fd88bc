"use client";
/** What fills a video's card: the chosen take, what comes, or why there is none. */

import { Download, Maximize2, Play } from "lucide-react";
import type { ReactNode } from "react";
import { useStore } from "zustand";
import type { Take } from "@/api/media";
import { wiresInto } from "@/live/graph";
import { isActive } from "@/live/node-status";
import { useProject } from "@/live/project-context";
import { downloadAsset } from "@/nodes/download";
import { HoverActions, MediaButton } from "@/nodes/media-button";
import { EmptyMedia, MediaFrame } from "@/nodes/media-frame";
import { MediaNotice } from "@/nodes/media-notice";
import { dollars } from "@/nodes/money";
import { useNodeActions } from "@/nodes/node-actions";
import type { NodeViewProps } from "@/nodes/node-type";
import { RunningOverlay } from "@/nodes/running-overlay";
import { useTake } from "@/nodes/use-media";
import { useTask } from "@/nodes/use-task";
import { BlockedVideo, EndedNotice, FailedVideo } from "@/nodes/video/ended-video";
import { FirstFrame } from "@/nodes/video/first-frame";
import { useNodePrice } from "@/nodes/video/use-node-price";
import { useVideoModel } from "@/nodes/video/use-video-model";
import { VersionStrip } from "@/nodes/video/version-strip";
import { VideoPlayer } from "@/nodes/video/video-player";
import { whatIsMissing } from "@/nodes/video/wires";
import { CancelButton } from "@/nodes/work-buttons";
import { cn } from "@/ui/class-names";

export function VideoBody({ node, moment }: NodeViewProps) {
  const { status, selectedTakeId } = moment;
  const take = useTake(selectedTakeId);
  switch (status.state) {
    case "running":
    case "waiting":
    case "queued":
      return <Coming node={node} moment={moment} take={take} />;
    case "blocked":
      return <BlockedVideo node={node} status={status} />; // never the media: it was stopped for a reason
    case "failed":
      return take ? <Result node={node} moment={moment} take={take} /> : <FailedVideo node={node} status={status} />;
    default:
      if (take) {
        return <Result node={node} moment={moment} take={take} />;
      }
      return selectedTakeId === null ? <Nothing node={node} moment={moment} /> : <MediaFrame className="bg-media" />;
  }
}

/** At work, or waiting for its turn: what was there before shows through. */
function Coming({ node, moment, take }: NodeViewProps & { take: Take | undefined }) {
  const { status } = moment;
  const before = take?.asset.poster_url ?? take?.asset.thumbnail_url ?? null;
  return (
    <MediaFrame className="bg-media">
      <FirstFrame nodeId={node.id} instead={before} isFaint={status.state !== "running"} />
      {status.state === "running" && <RunningOverlay status={status} />}
      {(status.state === "queued" || status.state === "waiting") && (
        <p className="absolute inset-0 grid place-items-center p-4 text-center text-on-media/80">
          {status.state === "queued" ? "Starts as soon as there is room" : <StartsWhen nodeId={node.id} />}
        </p>
      )}
      {isActive(status) && "jobId" in status && status.jobId !== null && (
        <HoverActions>
          <CancelButton jobId={status.jobId} />
        </HoverActions>
      )}
    </MediaFrame>
  );
}

function StartsWhen({ nodeId }: { nodeId: string }): ReactNode {
  const { graph } = useProject();
  const title = useStore(graph, (now) => {
    const wire = wiresInto(now, nodeId).find(({ target_port }) => target_port === "video");
    return wire && now.nodes.get(wire.source_node_id)?.title;
  });
  return title === undefined ? "Starts when its input is ready" : `Starts when “${title}” is finished`;
}

function Result({ node, moment, take }: NodeViewProps & { take: Take }) {
  const { status, selectedTakeId } = moment;
  const { asset } = take;
  const isPast = status.state === "cancelled" || status.state === "failed";
  return (
    <MediaFrame className="bg-media">
      <div className={cn("size-full", isPast && "opacity-40")}>
        {asset.url !== null && (
          <VideoPlayer
            // Another take begins with its poster again.
            key={take.id}
            title={node.title}
            address={asset.url}
            poster={asset.poster_url ?? asset.thumbnail_url}
            durationSeconds={isPast ? null : asset.duration_seconds}
          >
            {!isPast && selectedTakeId !== null && <VersionStrip nodeId={node.id} selectedTakeId={selectedTakeId} />}
          </VideoPlayer>
        )}
      </div>
      {isPast && "reason" in status && <EndedNotice node={node} status={status} />}
      {status.state === "succeeded" && status.notice && <MediaNotice {...status.notice} />}
      <ResultActions nodeId={node.id} take={take} />
    </MediaFrame>
  );
}

function ResultActions({ nodeId, take }: { nodeId: string; take: Take }) {
  const { canEdit } = useProject();
  const actions = useNodeActions();
  const task = useTask();
  return (
    <HoverActions>
      {actions && canEdit && (
        <MediaButton
          label="Run"
          hasWords
          icon={<Play aria-hidden className="fill-current" />}
          onClick={() => actions.run(nodeId)}
        />
      )}
      {actions && (
        <MediaButton label="Open" icon={<Maximize2 aria-hidden />} onClick={() => actions.openTakes(nodeId)} />
      )}
      <MediaButton
        label="Download"
        icon={<Download aria-hidden />}
        isBusy={task.isBusy}
        onClick={() => task.start(() => downloadAsset(take.asset))}
      />
    </HoverActions>
  );
}

/** Nothing was made yet: what it would cost, or what is missing. */
function Nothing({ node, moment }: NodeViewProps) {
  const { graph, canEdit } = useProject();
  const actions = useNodeActions();
  const model = useVideoModel(node);
  const missing = useStore(graph, (now) => whatIsMissing(now, node, model));
  const price = useNodePrice(node);
  const isCancelled = moment.status.state === "cancelled";
  return (
    <EmptyMedia>
      <p className="text-body text-mut">
        {isCancelled && "reason" in moment.status ? moment.status.reason.message : "Run to create"}
      </p>
      <p className="max-w-64 text-balance">
        {missing ?? (price === null ? "A video from what is connected" : `About ${dollars(price)}`)}
      </p>
      {actions && canEdit && missing === null && (
        <HoverActions>
          <MediaButton
            label="Run"
            hasWords
            icon={<Play aria-hidden className="fill-current" />}
            onClick={() => actions.run(node.id)}
          />
        </HoverActions>
      )}
    </EmptyMedia>
  );
}
