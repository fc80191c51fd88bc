"use client";
/** Takes files that are dropped anywhere on the canvas, and says while they are dragged what will become of them. */

import { ImagePlus, ShieldX } from "lucide-react";
import { type DragEvent, type ReactNode, useEffect, useRef, useState } from "react";
import type { ClientPoint } from "@/canvas/canvas-view";
import { dropWords } from "@/canvas/editing/drop-words";
import type { Position } from "@/live/graph";

interface FileDropProps {
  /** The files, and the point of the canvas that they were dropped on. */
  onFiles: (files: readonly File[], at: Position) => void;
  toCanvas: (point: ClientPoint) => Position;
  /** A viewer's files are not taken. */
  isEnabled: boolean;
  children: ReactNode;
}

/** Browsers tell of a drag that goes on at least this often; after it, the drag has ended or is somebody else's. */
const DRAG_GONE_MS = 500;

export function FileDrop({ onFiles, toCanvas, isEnabled, children }: FileDropProps) {
  const [types, setTypes] = useState<readonly string[] | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  function onDragOver(event: DragEvent) {
    if (!event.dataTransfer.types.includes("Files")) {
      return;
    }
    event.preventDefault(); // a file that is not taken must not replace the page
    event.dataTransfer.dropEffect = isEnabled ? "copy" : "none";
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setTypes(null), DRAG_GONE_MS);
    if (types === null) {
      setTypes([...event.dataTransfer.items].filter(({ kind }) => kind === "file").map(({ type }) => type));
    }
  }

  function onDrop(event: DragEvent) {
    clearTimeout(timer.current);
    setTypes(null);
    const files = [...event.dataTransfer.files];
    if (files.length > 0) {
      event.preventDefault();
      if (isEnabled) {
        onFiles(files, toCanvas(event));
      }
    }
  }

  const said = types && dropWords(types, isEnabled);
  const Icon = said?.isTaken ? ImagePlus : ShieldX;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping has its keyboard way in the command that chooses files.
    <div className="contents" onDragOver={onDragOver} onDrop={onDrop}>
      {children}
      {said && (
        <div
          role="status"
          className="pointer-events-none fixed inset-2 z-40 grid place-items-center rounded-island outline-2 outline-fg/60 outline-dashed -outline-offset-2"
        >
          <p className="island flex items-center gap-2.5 px-4 py-3 text-title">
            <Icon aria-hidden className="size-5 text-mut" />
            {said.words}
          </p>
        </div>
      )}
    </div>
  );
}
