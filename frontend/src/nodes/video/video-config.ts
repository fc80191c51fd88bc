/** The settings of a video node (schemas/node_types/video.json). */

import * as z from "zod/mini";
import { durationWords } from "@/nodes/progress";

/** services/core/projects/node_types.py, VideoConfig */
export const NEW_VIDEO = {
  model: null,
  prompt: "",
  negative_prompt: null,
  duration_seconds: 8,
  resolution: "720p",
  aspect_ratio: "16:9",
  samples: 1,
  seed: null,
  generate_audio: true,
  person_generation: "allow_adult",
  extensions: [],
} as const;

const hop = z.object({ prompt: z.catch(z.nullable(z.string()), null) });

const videoConfig = z.object({
  /** Null: the catalogue's default. */
  model: z.catch(z.nullable(z.string()), null),
  /** Used where no prompt node is wired in. */
  prompt: z.catch(z.string(), ""),
  negative_prompt: z.catch(z.nullable(z.string()), null),
  duration_seconds: z.catch(z.number(), NEW_VIDEO.duration_seconds),
  resolution: z.catch(z.string(), NEW_VIDEO.resolution),
  aspect_ratio: z.catch(z.string(), NEW_VIDEO.aspect_ratio),
  samples: z.catch(z.int(), NEW_VIDEO.samples),
  seed: z.catch(z.nullable(z.number()), null),
  generate_audio: z.catch(z.boolean(), NEW_VIDEO.generate_audio),
  person_generation: z.catch(z.enum(["dont_allow", "allow_adult", "allow_all"]), NEW_VIDEO.person_generation),
  extensions: z.catch(z.array(hop), []),
});

export type VideoConfig = z.infer<typeof videoConfig>;

export function parseVideoConfig(config: unknown): VideoConfig {
  return videoConfig.parse(config);
}

/** What one extension adds, https://cloud.google.com/vertex-ai/generative-ai/docs/video/extend-a-veo-video */
export const EXTENSION_SECONDS = 7;

/** How long the whole video will be. */
export function totalSeconds({
  duration_seconds,
  extensions,
}: Pick<VideoConfig, "duration_seconds"> & { extensions: readonly unknown[] }): number {
  return duration_seconds + extensions.length * EXTENSION_SECONDS;
}

/** The row of facts in words: the same on the card and where the canvas paints it. */
export function videoFacts(config: VideoConfig): string[] {
  const { extensions, seed, samples } = config;
  return [
    durationWords(totalSeconds(config)),
    `${config.resolution} · ${config.aspect_ratio}`,
    ...(extensions.length > 0 ? [`${extensions.length} ${extensions.length === 1 ? "extension" : "extensions"}`] : []),
    ...(samples > 1 ? [`${samples} takes`] : []),
    ...(seed === null ? [] : [`seed ${seed}`]),
  ];
}
