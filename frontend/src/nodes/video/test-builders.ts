/** Builders for tests: each shows only what matters. */

import type { VideoModel } from "@/nodes/video/capabilities";

export function aVideoModel(changes: Partial<VideoModel> = {}): VideoModel {
  return {
    id: "veo",
    name: "Veo",
    summary: "For the final take.",
    stage: "ga",
    durations_seconds: [4, 6, 8],
    resolutions: ["720p", "1080p", "4k"],
    aspect_ratios: ["16:9", "9:16"],
    only_duration_seconds: { "1080p": 8, "4k": 8 },
    max_samples: 4,
    max_references: 3,
    reference_duration_seconds: 8,
    references_portrait: false,
    can_extend: true,
    can_last_frame: true,
    price_microusd_per_second: { "720p": 400_000, "1080p": 400_000, "4k": 600_000 },
    expected_seconds: 90,
    ...changes,
  };
}
