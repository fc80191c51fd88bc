/** The clips of a video node in their order, as a strip: what exists of it, what is being made, and what is still to be paid. Pure. */

import type { EstimateStep } from "@/api/runs";
import { isActive, type NodeStatus } from "@/live/node-status";
import type { WiredInputs } from "@/nodes/video/capabilities";
import { EXTENSION_SECONDS, type VideoConfig } from "@/nodes/video/video-config";

/** `unknown`: nobody has said yet, or the run would be refused. */
export type ClipState = "exists" | "under_way" | "running" | "new" | "unknown";

export interface StripClip {
  /** 0 is the node's first clip, then come its extensions. */
  hop: number;
  seconds: number;
  state: ClipState;
  /** What it would newly cost; null where nobody knows. */
  costMicrousd: number | null;
}

interface StripSources {
  nodeId: string;
  config: Pick<VideoConfig, "duration_seconds" | "extensions">;
  wired: Pick<WiredInputs, "video">;
  /** The plan of a run that holds the node; null: not known. */
  steps: readonly EstimateStep[] | null;
  status: NodeStatus;
}

/** One entry for each clip that the node consists of. */
export function stripOf({ nodeId, config, wired, steps, status }: StripSources): StripClip[] {
  const planned = new Map(steps?.filter((step) => step.node_id === nodeId).map((step) => [step.hop, step]));
  const atWork = isActive(status) && "progress" in status && status.state === "running" ? status.progress.hop : null;
  return Array.from({ length: config.extensions.length + 1 }, (_, hop) => {
    const step = planned.get(hop);
    return {
      hop,
      // A node that a video is wired into goes on from it: then its first clip is an extension too.
      seconds: hop === 0 && !wired.video ? config.duration_seconds : EXTENSION_SECONDS,
      state: hop === atWork ? "running" : (step?.work ?? "unknown"),
      costMicrousd: step?.cost_microusd ?? null,
    };
  });
}

/** How long the clips are together. */
export function stripSeconds(clips: readonly StripClip[]): number {
  return clips.reduce((sum, { seconds }) => sum + seconds, 0);
}

const STATE_WORDS: Record<ClipState, string> = {
  exists: "there already",
  under_way: "under way",
  running: "being made now",
  new: "new",
  unknown: "",
};

/** "there already", "new", ...; empty where nothing is known. */
export function clipStateWords(state: ClipState): string {
  return STATE_WORDS[state];
}
