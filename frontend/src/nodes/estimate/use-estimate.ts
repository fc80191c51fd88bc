"use client";
/** What a run of the open project would do and cost, kept true while people edit. */

import { useQuery } from "@tanstack/react-query";
import { useStore } from "zustand";
import { asProblem, type Problem } from "@/api/problem";
import { type Estimate, estimateQuery, type RunOrder } from "@/api/runs";
import { useStudio } from "@/api/studio";
import { useProject } from "@/live/project-context";
import { estimateRevision } from "@/nodes/estimate/revision";

export type EstimateState =
  | { kind: "asking" }
  /** `isOld`: a newer answer is on its way. */
  | { kind: "known"; estimate: Estimate; isOld: boolean }
  /** The run would be refused, and why. */
  | { kind: "refused"; problem: Problem; isOld: boolean };

/** The price of an order; null: nobody asks. */
export function useEstimate(order: RunOrder | null): EstimateState {
  const { api } = useStudio();
  const project = useProject();
  const { revision, isBehind } = useStore(estimateRevision(project));
  const asked = estimateQuery(api, project.projectId, order ?? { scope: "all", force: false }, revision);
  const found = useQuery({
    ...asked,
    // The server may not know the node yet that was just added.
    enabled: order !== null && !isBehind,
    // The last price of the same order stands until the new one is there.
    placeholderData: (last, query) => (isSameOrder(query?.queryKey, asked.queryKey) ? last : undefined),
  });
  const isOld = isBehind || found.isPlaceholderData || found.isFetching;
  if (found.error) {
    return { kind: "refused", problem: asProblem(found.error), isOld };
  }
  return found.data && order ? { kind: "known", estimate: found.data, isOld } : { kind: "asking" };
}

/** Whether two keys differ in nothing but their last part, the revision. */
function isSameOrder(a: readonly unknown[] | undefined, b: readonly unknown[]): boolean {
  return a !== undefined && a.length === b.length && b.slice(0, -1).every((part, index) => part === a[index]);
}
