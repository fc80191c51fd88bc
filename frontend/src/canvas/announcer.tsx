"use client";
/** Tells screen readers of nodes that began or came to an end; the cards themselves change silently. */

import { useEffect, useState } from "react";
import type { NodeStatus } from "@/live/node-status";
import { useProject } from "@/live/project-context";

const WORDS: Partial<Record<NodeStatus["state"], string>> = {
  queued: "is queued",
  running: "is running",
  succeeded: "succeeded",
  failed: "failed",
  blocked: "was blocked",
  cancelled: "was cancelled",
};

export function Announcer() {
  const { graph, statuses } = useProject();
  const [said, setSaid] = useState("");
  useEffect(() => {
    const before = new Map<string, NodeStatus["state"]>();
    for (const nodeId of graph.getState().nodes.keys()) {
      before.set(nodeId, statuses.get(nodeId).status.state);
    }
    return statuses.watchAll((nodeId) => {
      const { state } = statuses.get(nodeId).status;
      const title = graph.getState().nodes.get(nodeId)?.title;
      const words = WORDS[state];
      if (before.get(nodeId) !== state && title !== undefined && words !== undefined) {
        setSaid(`${title} ${words}`);
      }
      before.set(nodeId, state);
    });
  }, [graph, statuses]);
  return (
    <p role="log" aria-live="polite" className="sr-only">
      {said}
    </p>
  );
}
