/** What is known of how a take was made, in words. Pure. */

import type { Take } from "@/api/media";
import { dollars } from "@/nodes/money";
import { durationWords } from "@/nodes/progress";

/** "Take 3", counted from the first that was made. `versions` are the node's takes, newest first. */
export function takeName(versions: readonly Take[], takeId: string): string {
  return `Take ${versions.length - versions.findIndex(({ id }) => id === takeId)}`;
}

/** The short facts of a take: length, size, seed, cost. */
export function takeChips(take: Take): string[] {
  const { seed, asset } = take;
  const { duration_seconds, width, height } = asset;
  return [
    ...(duration_seconds === null ? [] : [durationWords(duration_seconds)]),
    ...(width === null || height === null ? [] : [`${width} × ${height}`]),
    ...(seed === null ? [] : [`seed ${seed}`]),
    dollars(take.cost_microusd),
  ];
}

/** A take and the clips that it goes on from, the first one first; what was deleted is left out. */
export function chainOf(takes: ReadonlyMap<string, Take>, takeId: string): Take[] {
  const chain: Take[] = [];
  const seen = new Set<string>();
  for (let next = takes.get(takeId); next && !seen.has(next.id); next = takes.get(next.parent_take_id ?? "")) {
    seen.add(next.id);
    chain.unshift(next);
  }
  return chain;
}
