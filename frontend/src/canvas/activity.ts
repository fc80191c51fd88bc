/** What goes on in a project, in numbers and words. */

import { isActive, needsAttention } from "@/live/node-status";
import type { ProjectReplica } from "@/live/project-replica";

export interface Activity {
  nodes: number;
  /** Waiting, queued or running. */
  active: number;
  /** Failed or blocked. */
  needAttention: number;
}

/** Count the nodes of a project by what they are doing. */
export function activityOf({ graph, statuses }: Pick<ProjectReplica, "graph" | "statuses">): Activity {
  const moments = [...graph.getState().nodes.keys()].map((nodeId) => statuses.get(nodeId).status);
  return {
    nodes: moments.length,
    active: moments.filter(isActive).length,
    needAttention: moments.filter(needsAttention).length,
  };
}

/** "6 nodes, 2 at work, 1 needs you". */
export function activityWords({ nodes, active, needAttention }: Activity): string {
  const parts = [
    `${nodes} ${nodes === 1 ? "node" : "nodes"}`,
    active > 0 && `${active} at work`,
    needAttention > 0 && `${needAttention} ${needAttention === 1 ? "needs" : "need"} you`,
  ];
  return parts.filter(Boolean).join(", ");
}
