"use client";
/** Takes a picture file for an image node: dropped on it, or chosen. */

import { ImagePlus } from "lucide-react";
import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { PICTURE_TYPES } from "@/api/uploads";
import { useProject } from "@/live/project-context";
import { useOfferFile } from "@/nodes/image/use-upload";

const ACCEPTED = [...PICTURE_TYPES, ".heic", ".heif"].join(",");

interface PictureDropProps {
  nodeId: string;
  /** Gets what opens the choice of a file; null where this person may not edit. */
  children: (choose: (() => void) | null) => ReactNode;
}

export function PictureDrop({ nodeId, children }: PictureDropProps) {
  const { canEdit } = useProject();
  const offer = useOfferFile();
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  if (!canEdit) {
    return children(null);
  }

  function onDragOver(event: DragEvent) {
    if (event.dataTransfer.types.includes("Files")) {
      event.preventDefault();
      event.stopPropagation(); // the canvas would make a node of it
      event.dataTransfer.dropEffect = "copy";
      setOver(true);
    }
  }

  function onDrop(event: DragEvent) {
    const file = event.dataTransfer.files[0];
    if (file) {
      event.preventDefault();
      event.stopPropagation();
      offer(nodeId, file);
    }
    setOver(false);
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping has its keyboard way in the button that chooses a file.
    <div className="relative size-full" onDragOver={onDragOver} onDragLeave={() => setOver(false)} onDrop={onDrop}>
      {children(() => input.current?.click())}
      <input
        ref={input}
        type="file"
        hidden
        aria-label="Picture file"
        accept={ACCEPTED}
        onChange={({ target }) => {
          const file = target.files?.[0];
          target.value = ""; // the same file may be chosen again
          if (file) {
            offer(nodeId, file);
          }
        }}
      />
      {isOver && (
        <div className="pointer-events-none absolute inset-0 z-20 grid place-items-center rounded-media bg-scrim text-on-media outline-2 outline-on-media outline-dashed -outline-offset-4">
          <span className="flex items-center gap-2 text-body">
            <ImagePlus aria-hidden className="size-4" /> Drop it here
          </span>
        </div>
      )}
    </div>
  );
}
