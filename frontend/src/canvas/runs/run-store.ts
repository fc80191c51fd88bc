/** What this tab has asked to run, and how that went: one for each open project, shared by all who show it. */

import { createStore, type StoreApi } from "zustand/vanilla";
import type { Problem } from "@/api/problem";
import type { RunOrder } from "@/api/runs";
import type { ProjectDocument } from "@/live/project-document";

export type RunStarting =
  | { kind: "idle" }
  | { kind: "starting"; order: RunOrder }
  /** It was not started. `key` names the click: the same one is sent again where nobody knows whether the first arrived. */
  | { kind: "refused"; order: RunOrder; problem: Problem; key: string };

const stores = new WeakMap<ProjectDocument, StoreApi<RunStarting>>();

export function runStore(project: ProjectDocument): StoreApi<RunStarting> {
  const known = stores.get(project);
  if (known) {
    return known;
  }
  const made = createStore<RunStarting>(() => ({ kind: "idle" }));
  stores.set(project, made);
  return made;
}

/** The key for an order: the one of the last click where that got no answer and meant the same, else a new one. */
export function keyFor(last: RunStarting, order: RunOrder): string {
  const isSameClick =
    last.kind === "refused" && last.problem.isPassing && JSON.stringify(last.order) === JSON.stringify(order);
  return isSameClick ? last.key : crypto.randomUUID();
}
