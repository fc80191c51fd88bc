/** For tests: takes as the api sends them. */

import type { components } from "@/api/schema";

type AssetAnswer = components["schemas"]["AssetAnswer"];
type TakeAnswer = components["schemas"]["TakeAnswer"];

export function anAsset(changes: Partial<AssetAnswer> = {}): AssetAnswer {
  return {
    id: "asset",
    project_id: "project",
    node_id: null,
    kind: "video",
    state: "ready",
    file_name: "hero.mp4",
    content_type: "video/mp4",
    size_bytes: 1_000,
    width: 1280,
    height: 720,
    duration_seconds: 8,
    frames: 192,
    has_audio: true,
    sha256: null,
    problem: null,
    url: "http://storage.test/hero.mp4",
    thumbnail_url: "http://storage.test/hero.webp",
    poster_url: null,
    created_at: "2026-01-01T00:00:00Z",
    ...changes,
  };
}

/** Times of making that follow each other: the later, the higher. */
export function aTake(id: string, minute: number, changes: Partial<TakeAnswer> = {}): TakeAnswer {
  return {
    id,
    node_id: "hero",
    job_id: `job-${id}`,
    sample: 0,
    hop: 0,
    parent_take_id: null,
    cost_microusd: 3_200_000,
    created_at: `2026-01-01T00:${String(minute).padStart(2, "0")}:00Z`,
    model: "veo",
    prompt: `The words of ${id}.`,
    negative_prompt: null,
    seed: 48213,
    resolution: "720p",
    duration_seconds: 8,
    aspect_ratio: "16:9",
    asset: anAsset({ id: `asset-${id}`, url: `http://storage.test/${id}.mp4` }),
    ...changes,
  };
}
