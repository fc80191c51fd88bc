/** Work on the server has to begin from what the person sees: waits until the edits made here have arrived there. */

import { Problem } from "@/api/problem";
import type { ProjectDocument } from "@/live/project-document";

/** Resolves when no edit waits any more; rejects with the signal's reason, or with a Problem while the server cannot be reached. */
export function whenSaved({ saving }: Pick<ProjectDocument, "saving">, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const now = saving.getState();
      if (now.kind === "saving") {
        return;
      }
      stop();
      if (now.kind === "saved") {
        resolve();
      } else {
        const advice = "Your changes are kept; try again when you are connected.";
        reject(new Problem("unreachable", "Your latest changes could not be sent yet.", advice));
      }
    };
    const abort = () => {
      stop();
      reject(signal?.reason);
    };
    const stopWatching = saving.subscribe(look);
    const stop = () => {
      stopWatching();
      signal?.removeEventListener("abort", abort);
    };
    signal?.addEventListener("abort", abort);
    if (signal?.aborted) {
      abort();
    } else {
      look();
    }
  });
}
