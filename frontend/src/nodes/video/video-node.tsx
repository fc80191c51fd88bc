"use client";
/** A video that Veo renders: shows the selected take, and plays it in place. */

import { Clapperboard } from "lucide-react";
import { FactsRow } from "@/nodes/facts-row";
import { mediaNodeHeight } from "@/nodes/geometry";
import { dollars } from "@/nodes/money";
import type { KnownMedia, NodeDefinition, NodeViewProps, Sketch } from "@/nodes/node-type";
import { PORTS } from "@/nodes/ports";
import { useTake } from "@/nodes/use-media";
import { useNodePrice } from "@/nodes/video/use-node-price";
import { useVideoModel } from "@/nodes/video/use-video-model";
import { VideoBody } from "@/nodes/video/video-body";
import { NEW_VIDEO, parseVideoConfig, videoFacts } from "@/nodes/video/video-config";
import { lazily } from "@/ui/lazily";

export const videoNode: NodeDefinition = {
  label: "Video",
  icon: Clapperboard,
  ...PORTS.video,
  newConfig: () => NEW_VIDEO,
  size: () => VIDEO_SIZE,
  sketch,
  Body: VideoBody,
  Facts,
  Subtitle,
  Settings: lazily(async () => (await import("@/nodes/video/video-settings")).VideoSettings),
};

const VIDEO_SIZE = { width: 400, height: mediaNodeHeight(400) };

function sketch({ node, moment }: NodeViewProps, known: KnownMedia): Sketch {
  const config = parseVideoConfig(node.config);
  const take = moment.selectedTakeId === null ? undefined : known.take(moment.selectedTakeId);
  return {
    subtitle: known.modelName(config.model),
    picture: take?.asset.thumbnail_url ?? take?.asset.poster_url ?? null,
    words: take ? "" : "Run to create",
    facts: videoFacts(config),
    aside: take && dollars(take.cost_microusd),
  };
}

function Facts({ node, moment }: NodeViewProps) {
  const take = useTake(moment.selectedTakeId);
  const price = useNodePrice(node);
  return (
    <FactsRow facts={videoFacts(parseVideoConfig(node.config))}>
      {take ? <Cost of={take.cost_microusd} /> : price !== null && <Estimate of={price} />}
    </FactsRow>
  );
}

function Cost({ of: microusd }: { of: number }) {
  return (
    <span title="What this take cost" className="text-mut">
      <span className="sr-only">Cost of this take: </span>
      {dollars(microusd)}
    </span>
  );
}

function Estimate({ of: microusd }: { of: number }) {
  return (
    <span title="What it would cost" className="text-dim">
      <span className="sr-only">It would cost </span>~{dollars(microusd)}
    </span>
  );
}

function Subtitle({ node }: NodeViewProps) {
  return useVideoModel(node)?.name ?? parseVideoConfig(node.config).model;
}
