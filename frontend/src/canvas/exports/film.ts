/** What a film consists of, how long and how large it gets, and what it cannot be. Pure. */

import type { Resolution } from "@/api/exports";
import type { Take } from "@/api/media";
import type { GraphNode } from "@/live/graph";

/** One piece of a film. */
export interface FilmClip {
  take: Take;
  /** Of the node that shows it. */
  title: string;
}

/** services/core/exports/rules.py */
const LONGEST_SECONDS = 600;
/** What x264 comes to for clips like ours, in bits a second; what moves much needs more. */
const USUAL_BITS_PER_SECOND = { "1080p": 8_000_000, "4k": 24_000_000 } as const;

interface FilmSources {
  nodeIds: Iterable<string>;
  nodes: ReadonlyMap<string, Pick<GraphNode, "id" | "title" | "position">>;
  takes: ReadonlyMap<string, Take>;
  /** The take that a node shows. */
  chosenTake: (nodeId: string) => string | null;
}

/** The finished videos of nodes, from left to right, and from above where they stand in one column. */
export function clipsOf({ nodeIds, nodes, takes, chosenTake }: FilmSources): FilmClip[] {
  const found = [...nodeIds].flatMap((nodeId) => {
    const node = nodes.get(nodeId);
    const take = takes.get(chosenTake(nodeId) ?? "");
    return node && take?.asset.state === "ready" ? [{ node, take }] : [];
  });
  found.sort((a, b) => a.node.position.x - b.node.position.x || a.node.position.y - b.node.position.y);
  return withoutContained(
    found.map(({ node, take }) => ({ take, title: node.title })),
    takes,
  );
}

/** Without the clips that another one goes on from, for it begins with them. */
function withoutContained(clips: readonly FilmClip[], takes: ReadonlyMap<string, Take>): FilmClip[] {
  const contained = new Set(clips.flatMap(({ take }) => ancestorsOf(take, takes)));
  return clips.filter(({ take }) => !contained.has(take.id));
}

function ancestorsOf(take: Take, takes: ReadonlyMap<string, Take>): string[] {
  const found = new Set<string>();
  for (let id = take.parent_take_id; id !== null && !found.has(id); id = takes.get(id)?.parent_take_id ?? null) {
    found.add(id);
  }
  return [...found];
}

/** The list with the entry at `from` standing at `to`, as far as there is such a place. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const entry = list[from];
  if (entry === undefined || to < 0 || to >= list.length) {
    return [...list];
  }
  const rest = list.toSpliced(from, 1);
  return rest.toSpliced(to, 0, entry);
}

export function secondsOf(clips: readonly FilmClip[]): number {
  return clips.reduce((sum, { take }) => sum + (take.asset.duration_seconds ?? 0), 0);
}

/** How many bytes the film gets, about. */
export function bytesOf(clips: readonly FilmClip[], resolution: Resolution): number {
  return resolution === "source"
    ? clips.reduce((sum, { take }) => sum + take.asset.size_bytes, 0)
    : (secondsOf(clips) * USUAL_BITS_PER_SECOND[resolution]) / 8;
}

/** "84 MB", "1.3 GB": as file managers say it. */
export function sizeWords(bytes: number): string {
  const megabytes = bytes / 1_000_000;
  return megabytes < 1_000 ? `${Math.max(1, Math.round(megabytes))} MB` : `${(megabytes / 1_000).toFixed(1)} GB`;
}

/** Why the clips cannot keep their size; null: they can. */
export function sourceObstacle(clips: readonly FilmClip[]): string | null {
  const sizes = new Set(clips.map(({ take }) => `${take.asset.width} × ${take.asset.height}`));
  return sizes.size > 1 ? "The clips have different sizes." : null;
}

/** Why there cannot be such a film, in words; null: there can. */
export function filmObstacle(clips: readonly FilmClip[]): string | null {
  if (clips.length === 0) {
    return "Nothing is left to export.";
  }
  return secondsOf(clips) > LONGEST_SECONDS
    ? "A film may be ten minutes long. Take clips out, or export it in parts."
    : null;
}
