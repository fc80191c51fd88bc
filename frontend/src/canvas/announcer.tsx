"use client";
/** Tells screen readers what else only eyes would notice: nodes that began or came to an end, and what a command did. */

import { useEffect, useState } from "react";
import { createStore } from "zustand/vanilla";
import { stateWords } from "@/canvas/activity";
import { useProject } from "@/live/project-context";

/** A new object each time, so that the same words are said twice if they happen twice. */
const announcements = createStore<{ words: string }>(() => ({ words: "" }));

/** Say something that the screen shows without words. */
export function announce(words: string): void {
  announcements.setState({ words }, true);
}

/** Once on the canvas. */
export function Announcer() {
  const { graph, statuses } = useProject();
  const [said, setSaid] = useState({ words: "" });
  useEffect(() => announcements.subscribe(setSaid), []);
  useEffect(
    () =>
      statuses.watchAll((nodeId, before) => {
        const { status } = statuses.get(nodeId);
        const title = graph.getState().nodes.get(nodeId)?.title;
        if (before.status.state !== status.state && title !== undefined && status.state !== "idle") {
          setSaid({ words: `${title}: ${stateWords(status)}` });
        }
      }),
    [graph, statuses],
  );
  return (
    <p role="log" aria-live="polite" className="sr-only">
      {said.words}
    </p>
  );
}
