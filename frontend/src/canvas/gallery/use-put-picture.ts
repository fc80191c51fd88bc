"use client";
/** Puts a picture of the project on the canvas as a node of its own: where no node shows it any more, there is nothing to go to. */

import { useCallback } from "react";
import type { Asset } from "@/api/media";
import { useCanvas } from "@/canvas/canvas-context";
import { perform } from "@/canvas/commands/perform";
import { addNode } from "@/canvas/editing/adding";
import { centreOf } from "@/canvas/editing/bounds";
import { useProject } from "@/live/project-context";

/** Null where this person may not edit. */
export function usePutPicture(): ((asset: Pick<Asset, "id">, title: string) => void) | null {
  const canvas = useCanvas();
  const document = useProject();
  const put = useCallback(
    ({ id }: Pick<Asset, "id">, title: string) => {
      const at = centreOf(canvas.view.visibleRect());
      const made = addNode(document.graph.getState(), { type: "image", at, title, config: { asset_id: id } });
      perform({ document, canvas }, made);
      void canvas.view.reveal(made.nodeId);
    },
    [canvas, document],
  );
  return document.canEdit ? put : null;
}
