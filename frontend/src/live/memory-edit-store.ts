/** Waiting edits in memory only, for tests. */

import type { EditGroup, EditStore } from "@/live/edit-queue";

export function createMemoryEditStore(groups: readonly EditGroup[] = []): EditStore & { groups: readonly EditGroup[] } {
  return {
    groups,
    async load() {
      return groups;
    },
    async save(now) {
      this.groups = now;
    },
  };
}
