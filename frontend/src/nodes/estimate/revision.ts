/**
 * Counts what may change a project's prices: edits that matter, once the server has them, and nodes that come to rest or
 * show another take. A burst counts once.
 */

import { createStore, type StoreApi } from "zustand/vanilla";
import { isActive } from "@/live/node-status";
import type { ProjectDocument } from "@/live/project-document";
import { isRelevantChange } from "@/nodes/estimate/relevant";

/** `isBehind`: something has changed that the server has not been asked about. */
export interface EstimateRevision {
  revision: number;
  isBehind: boolean;
}

/** A person who types does not want a price for each letter. */
const QUIET_MS = 400;

const revisions = new WeakMap<ProjectDocument, StoreApi<EstimateRevision>>();

/** The count of an open project; one for everybody who asks. */
export function estimateRevision(project: ProjectDocument): StoreApi<EstimateRevision> {
  const known = revisions.get(project);
  if (known) {
    return known;
  }
  const made = createStore<EstimateRevision>(() => ({
    revision: 0,
    isBehind: project.saving.getState().kind !== "saved",
  }));
  revisions.set(project, made);
  follow(project, made);
  return made;
}

function follow(project: ProjectDocument, store: StoreApi<EstimateRevision>): void {
  let timer: ReturnType<typeof setTimeout> | undefined;

  function countWhenQuiet(): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      // The server plans over what it has: it is asked once it has everything.
      if (project.saving.getState().kind === "saved" && store.getState().isBehind) {
        store.setState(({ revision }) => ({ revision: revision + 1, isBehind: false }), true);
      }
    }, QUIET_MS);
  }

  function changed(): void {
    store.setState({ isBehind: true });
    countWhenQuiet();
  }

  project.graph.subscribe((after, before) => isRelevantChange(before, after) && changed());
  project.saving.subscribe(({ kind }) => kind === "saved" && store.getState().isBehind && countWhenQuiet());
  const moments = new Map<string, string>();
  project.statuses.watchAll((nodeId) => {
    const { status, selectedTakeId } = project.statuses.get(nodeId);
    const moment = `${isActive(status)} ${selectedTakeId}`;
    if (moments.get(nodeId) !== moment) {
      moments.set(nodeId, moment);
      changed();
    }
  });
}
