"use client";
/** The upload of one image node, for its card. */

import { useCallback } from "react";
import { useStore } from "zustand";
import { useStudio } from "@/api/studio";
import { useProject } from "@/live/project-context";
import { type Upload, uploads } from "@/nodes/image/uploads";

/** Undefined: none is under way. */
export function useUpload(nodeId: string): Upload | undefined {
  return useStore(uploads.state, (now) => now.get(nodeId));
}

/** How many pictures wait for an answer about consent. */
export function useWaitingUploads(): number {
  return useStore(uploads.state, (now) => [...now.values()].filter(({ kind }) => kind === "asking").length);
}

/** Hands a file to an image node of the open project. */
export function useOfferFile(): (nodeId: string, file: File) => void {
  const { api } = useStudio();
  const project = useProject();
  return useCallback((nodeId, file) => uploads.offer({ api, project }, nodeId, file), [api, project]);
}
