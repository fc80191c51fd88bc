/** The settings of a video node (schemas/node_types/video.json). */

import * as z from "zod/mini";

const videoConfig = z.object({
  /** Null: the catalogue's default. */
  model: z.catch(z.nullable(z.string()), null),
  duration_seconds: z.catch(z.number(), 8),
  resolution: z.catch(z.string(), "720p"),
  aspect_ratio: z.catch(z.string(), "16:9"),
  seed: z.catch(z.nullable(z.number()), null),
  extensions: z.catch(z.array(z.unknown()), []),
});

export type VideoConfig = z.infer<typeof videoConfig>;

export function parseVideoConfig(config: unknown): VideoConfig {
  return videoConfig.parse(config);
}

/** What one extension adds, https://cloud.google.com/vertex-ai/generative-ai/docs/video/extend-a-veo-video */
const EXTENSION_SECONDS = 7;

/** How long the whole video will be. */
export function totalSeconds({ duration_seconds, extensions }: VideoConfig): number {
  return duration_seconds + extensions.length * EXTENSION_SECONDS;
}
