/** What a node's video costs at most, before the server is asked: services/core/video/request.py, price_microusd. Pure. */

import type { VideoConfig } from "@/nodes/video/video-config";
import { EXTENSION_SECONDS } from "@/nodes/video/video-config";

interface Priced {
  price_microusd_per_second: Readonly<Record<string, number>>;
}

/** In millionths of a US dollar; null where the model has no price for the resolution. */
export function priceOf(
  config: VideoConfig,
  model: Priced,
  { extendsAnother }: { extendsAnother: boolean },
): number | null {
  const perSecond = model.price_microusd_per_second[config.resolution];
  if (perSecond === undefined) {
    return null;
  }
  const first = extendsAnother ? EXTENSION_SECONDS : config.samples * config.duration_seconds;
  return perSecond * (first + config.extensions.length * EXTENSION_SECONDS);
}
