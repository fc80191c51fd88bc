"use client";
/** Picture files become image nodes, and go on their way to the server as soon as the question about consent is answered. */

import { useCallback } from "react";
import { faultOfFile, PICTURE_TYPES } from "@/api/uploads";
import type { CommandContext } from "@/canvas/commands/command";
import { perform } from "@/canvas/commands/perform";
import { addPictureNodes } from "@/canvas/editing/picture-nodes";
import type { Position } from "@/live/graph";
import { useOfferFile } from "@/nodes/image/use-upload";
import { toast } from "@/ui/toaster";

/** What the browser offers to choose from. */
const ACCEPTED = [...PICTURE_TYPES, ".heic", ".heif"].join(",");

export function useAddPictures({
  document,
  canvas,
}: Pick<CommandContext, "document" | "canvas">): (files: readonly File[], at: Position) => void {
  const offer = useOfferFile();
  return useCallback(
    (files, at) => {
      const good = files.filter((file) => {
        const fault = faultOfFile(file);
        if (fault) {
          toast.problem(fault.detail, { description: fault.advice });
        }
        return fault === null;
      });
      if (good.length === 0 || !document.canEdit) {
        return;
      }
      const step = addPictureNodes(
        document.graph.getState(),
        good.map(({ name }) => name),
        at,
      );
      perform({ document, canvas }, step);
      for (const [index, nodeId] of step.nodeIds.entries()) {
        const file = good[index];
        if (file) {
          offer(nodeId, file);
        }
      }
    },
    [document, canvas, offer],
  );
}

/** Ask the person for files; `onFiles` is not called where they choose none. */
export function chooseFiles(
  { accept, isMany }: { accept: string; isMany: boolean },
  onFiles: (files: File[]) => void,
): void {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = accept;
  input.multiple = isMany;
  input.addEventListener("change", () => {
    const files = [...(input.files ?? [])];
    if (files.length > 0) {
      onFiles(files);
    }
  });
  input.click();
}

export function choosePictureFiles(onFiles: (files: File[]) => void): void {
  chooseFiles({ accept: ACCEPTED, isMany: true }, onFiles);
}
