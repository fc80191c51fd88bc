/** An opened project as a document that can be edited: wired to the api, and to what this browser keeps. */

import * as z from "zod/mini";
import { type ApiClient, answered } from "@/api/client";
import type { OpenProject } from "@/api/projects";
import { createEditStore } from "@/live/edit-store";
import type { SavedHistory } from "@/live/history";
import { ProjectDocument } from "@/live/project-document";

/** A tab's storage holds some five million characters for all of the page; a longer history begins anew. */
const LONGEST_HISTORY = 2_000_000;

/** The document of `project` for the person `userId`. Its history goes on where this tab left off. */
export function openDocument(api: ApiClient, project: OpenProject, userId: string): ProjectDocument {
  const path = { project_id: project.id };
  const historyKey = `reelgraph/history/${userId}/${project.id}`;
  const document = new ProjectDocument(project, {
    store: createEditStore(userId, project.id),
    history: loadHistory(historyKey),
    send: async (operations) => {
      const body = [...operations];
      const applied = await answered(api.POST("/api/projects/{project_id}/operations", { params: { path }, body }));
      return applied.map(({ rev }) => rev);
    },
  });
  document.watchHistory(() => saveHistory(historyKey, document.saveHistory()));
  return document;
}

/** It was written by this very page, at most a release ago; its outer form tells whether it can be read. */
const savedHistory = z.object({
  version: z.literal(1),
  history: z.custom<SavedHistory>((value) => typeof value === "object" && value !== null),
});

function loadHistory(key: string): SavedHistory | undefined {
  try {
    const text = sessionStorage.getItem(key);
    return text === null ? undefined : savedHistory.parse(JSON.parse(text)).history;
  } catch {
    return undefined; // storage is switched off, or holds what this release cannot read: undo begins anew
  }
}

function saveHistory(key: string, history: SavedHistory): void {
  try {
    const text = JSON.stringify({ version: 1, history });
    if (text.length <= LONGEST_HISTORY) {
      sessionStorage.setItem(key, text);
    } else {
      sessionStorage.removeItem(key);
    }
  } catch {
    // Storage is switched off or full: undo works until the reload, as it would without.
  }
}
