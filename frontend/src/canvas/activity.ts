/** What goes on in a project, in numbers and words. */

import { isActive, type NodeStatus, needsAttention } from "@/live/node-status";
import type { ProjectDocument } from "@/live/project-document";

export interface Activity {
  nodes: number;
  /** Waiting, queued or running. */
  active: number;
  /** Failed or blocked. */
  needAttention: number;
}

/** Count the nodes of a project by what they are doing. */
export function activityOf({ graph, statuses }: Pick<ProjectDocument, "graph" | "statuses">): Activity {
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

const STATE_WORDS: Record<Exclude<NodeStatus["state"], "unknown">, string> = {
  idle: "not run yet",
  waiting: "waiting for its input",
  queued: "queued",
  running: "running",
  succeeded: "succeeded",
  failed: "failed",
  blocked: "blocked",
  cancelled: "cancelled",
};

/** A node's state in a word or two, for those who do not see its card. */
export function stateWords(status: NodeStatus): string {
  return status.state === "unknown" ? status.name : STATE_WORDS[status.state];
}
