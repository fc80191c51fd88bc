/** Which of a node's takes a person chooses between. Pure. */

import type { Take } from "@/api/media";

/**
 * The takes that are whole, newest first: not the clips on the way to a longer one, unless that very one is chosen.
 */
export function versionsOf(takes: readonly Take[], selectedTakeId: string | null): Take[] {
  const continued = new Set(takes.map(({ parent_take_id }) => parent_take_id));
  return takes
    .filter(({ id }) => !continued.has(id) || id === selectedTakeId)
    .sort((a, b) => b.created_at.localeCompare(a.created_at) || a.sample - b.sample);
}

/** At most `room` of them to show small, the chosen one among them, and how many are left out. */
export function shownVersions(
  versions: readonly Take[],
  selectedTakeId: string | null,
  room: number,
): { shown: readonly Take[]; more: number } {
  if (versions.length <= room) {
    return { shown: versions, more: 0 };
  }
  const first = versions.slice(0, room);
  const chosen = versions.find(({ id }) => id === selectedTakeId);
  const shown = chosen && !first.includes(chosen) ? [...first.slice(0, room - 1), chosen] : first;
  return { shown, more: versions.length - shown.length };
}
