"use client";
/** A video that Veo renders: shows the selected take, and plays it in place. */

import { useQuery } from "@tanstack/react-query";
import { Clapperboard, Clock } from "lucide-react";
import { modelsQuery } from "@/api/models";
import { useStudio } from "@/api/studio";
import { isActive } from "@/live/node-status";
import { EmptyMedia, MediaFrame } from "@/nodes/media-frame";
import { dollars } from "@/nodes/money";
import type { NodeDefinition, NodeViewProps } from "@/nodes/node-type";
import { durationWords } from "@/nodes/progress";
import { useTake } from "@/nodes/use-media";
import { FirstFrame } from "@/nodes/video/first-frame";
import { parseVideoConfig, totalSeconds } from "@/nodes/video/video-config";
import { VideoPlayer } from "@/nodes/video/video-player";
import { Chip } from "@/ui/chip";
import { cn } from "@/ui/class-names";

export const videoNode: NodeDefinition = { label: "Video", icon: Clapperboard, output: "video", Body, Facts, Subtitle };

function Body({ node, moment }: NodeViewProps) {
  const take = useTake(moment.selectedTakeId);
  if (take?.asset.url) {
    const isPast = moment.status.state === "cancelled" || moment.status.state === "failed";
    return (
      <MediaFrame className={cn("bg-media", isPast && "opacity-40")}>
        <VideoPlayer
          title={node.title}
          address={take.asset.url}
          poster={take.asset.poster_url ?? take.asset.thumbnail_url}
          durationSeconds={take.asset.duration_seconds}
        />
      </MediaFrame>
    );
  }
  return isActive(moment.status) ? <FirstFrame nodeId={node.id} /> : <EmptyMedia>Nothing rendered yet</EmptyMedia>;
}

function Facts({ node, moment }: NodeViewProps) {
  const config = parseVideoConfig(node.config);
  const take = useTake(moment.selectedTakeId);
  return (
    <>
      <Chip>
        <Clock aria-hidden />
        {durationWords(totalSeconds(config))}
      </Chip>
      <Chip>
        {config.resolution} · {config.aspect_ratio}
      </Chip>
      {config.extensions.length > 0 && (
        <Chip>{config.extensions.length === 1 ? "1 extension" : `${config.extensions.length} extensions`}</Chip>
      )}
      {config.seed !== null && (
        <Chip>
          seed <span className="font-mono">{config.seed}</span>
        </Chip>
      )}
      {take && (
        <span className="ml-auto text-meta text-mut tabular-nums">
          <span className="sr-only">Cost of this take: </span>
          {dollars(take.cost_microusd)}
        </span>
      )}
    </>
  );
}

function Subtitle({ node }: NodeViewProps) {
  const { api } = useStudio();
  const { model } = parseVideoConfig(node.config);
  const name = useQuery({
    ...modelsQuery(api),
    select: ({ models, default: standard }) => models.find(({ id }) => id === (model ?? standard))?.name,
  }).data;
  return name ?? model;
}
