/** How the work of this page stands with the server, in words. Pure. */

import type { Saving } from "@/live/edit-queue";

export function savingWords(saving: Saving): string {
  switch (saving.kind) {
    case "saved":
      return "Saved";
    case "saving":
      return "Saving…";
    case "offline": {
      const kept = `${saving.edits} ${saving.edits === 1 ? "edit is" : "edits are"} kept on this device`;
      // Status 0: there was no answer at all. Otherwise the server is there, and not ready for this.
      return `${saving.problem.status === 0 ? "Offline" : "Not saved"} – ${kept}`;
    }
  }
}
