/** How many nodes of each kind there are, in words. Pure. */

import { nodeDefinition } from "@/nodes/registry";

/** ["3 videos", "1 prompt"], the most frequent first. */
export function kindCounts(types: Iterable<string>): string[] {
  const counts = new Map<string, number>();
  for (const type of types) {
    const label = nodeDefinition(type).label.toLowerCase();
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([label, count]) => `${count} ${count === 1 ? label : `${label}s`}`);
}
