/** Edits that wait for the server, kept on the device: an outage, a reload or a closed tab loses none. */

import { createStore, del, entries, set } from "idb-keyval";
import type { EditGroup, EditStore } from "@/live/edit-queue";

/**
 * The waiting edits of one person in one project. Each page writes under a key of its own and takes up what earlier pages left;
 * where two pages hold the same edit both send it, which the server applies once.
 */
export function createEditStore(userId: string, projectId: string): EditStore {
  const database = createStore("reelgraph", "unsent-edits");
  const prefix = `${userId}/${projectId}/`;
  const own = `${prefix}${crypto.randomUUID()}`;
  return {
    async load() {
      const left = await entries<string, EditGroup[]>(database);
      const ours = left.filter(([key]) => key.startsWith(prefix) && key !== own).sort(([a], [b]) => a.localeCompare(b));
      const groups = ours.flatMap(([, value]) => value);
      await set(own, groups, database);
      await Promise.all(ours.map(([key]) => del(key, database)));
      return groups;
    },
    save: (groups) => (groups.length === 0 ? del(own, database) : set(own, [...groups], database)),
  };
}
