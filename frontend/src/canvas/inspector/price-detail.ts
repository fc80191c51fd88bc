/** How the price of a video node comes about, in words. Pure. */

import type { EstimateStep } from "@/api/runs";
import { dollars } from "@/nodes/money";
import type { VideoModel } from "@/nodes/video/capabilities";
import { EXTENSION_SECONDS, type VideoConfig } from "@/nodes/video/video-config";

/** "8 s at $0.40", "2 × 8 s + 3 × 7 s at $0.40"; null where the model has no price for the resolution. */
export function priceDetail(model: VideoModel, config: VideoConfig, isExtension: boolean): string | null {
  const price = model.price_microusd_per_second[config.resolution];
  if (price === undefined) {
    return null;
  }
  const hops = config.extensions.length + (isExtension ? 1 : 0);
  const first = isExtension ? "" : times(config.samples, config.duration_seconds);
  const rest = hops > 0 ? times(hops, EXTENSION_SECONDS) : "";
  return `${[first, rest].filter(Boolean).join(" + ")} at ${dollars(price)}`;
}

function times(count: number, seconds: number): string {
  return count === 1 ? `${seconds} s` : `${count} × ${seconds} s`;
}

/** What a run of one node costs: for its own clips, and for those of other nodes that it needs first. */
export interface NodeCost {
  ownMicrousd: number;
  othersMicrousd: number;
  /** All of its own clips are there: running it again would show them. */
  isThere: boolean;
  /** Nothing new would begin: what is missing is under way. */
  isUnderWay: boolean;
}

export function nodeCost(steps: readonly EstimateStep[], nodeId: string): NodeCost {
  const own = steps.filter((step) => step.node_id === nodeId);
  const others = steps.filter((step) => step.node_id !== nodeId);
  const sum = (some: readonly EstimateStep[]) => some.reduce((total, { cost_microusd }) => total + cost_microusd, 0);
  return {
    ownMicrousd: sum(own),
    othersMicrousd: sum(others),
    isThere: own.length > 0 && own.every(({ work }) => work === "exists"),
    isUnderWay: steps.some(({ work }) => work === "under_way") && steps.every(({ work }) => work !== "new"),
  };
}
