"use client";
/** Puts together what commands work with, once for an open canvas. */

import { useEffect, useMemo, useRef, useState } from "react";
import type { Canvas, Panel } from "@/canvas/canvas-context";
import type { ClientPoint } from "@/canvas/canvas-view";
import type { CommandContext, RunCommands } from "@/canvas/commands/command";
import { centreOf } from "@/canvas/editing/bounds";
import { LayoutRunner } from "@/canvas/editing/layout-runner";
import { choosePictureFiles, useAddPictures } from "@/canvas/editing/use-add-pictures";
import { useProject } from "@/live/project-context";

interface CommandParts {
  canvas: Canvas;
  runs: RunCommands | null;
  /** Must stay the same object. */
  panels: ReadonlySet<Panel["kind"]>;
  /** The element of the canvas: the pointer counts while it is over this, and not over what lies above it. */
  surface: { readonly current: Element | null };
}

/** Below `ProjectProvider`. The answer stays the same object as long as the parts do. */
export function useCommandContext({ canvas, runs, panels, surface }: CommandParts): CommandContext {
  const document = useProject();
  const [layout] = useState(() => new LayoutRunner());
  const pointer = usePointer(surface);
  const addPictures = useAddPictures({ document, canvas });
  return useMemo(() => {
    const newPlace = () =>
      pointer.current ? canvas.view.toCanvas(pointer.current) : centreOf(canvas.view.visibleRect());
    const choosePictures = () => choosePictureFiles((files) => addPictures(files, newPlace()));
    return { document, canvas, layout, runs, choosePictures, addPictures, newPlace, panels };
  }, [document, canvas, layout, runs, addPictures, panels, pointer]);
}

/** Where the mouse is; null while it is elsewhere, and where there is none. */
function usePointer(surface: { readonly current: Element | null }): { readonly current: ClientPoint | null } {
  const pointer = useRef<ClientPoint | null>(null);
  useEffect(() => {
    const onMove = ({ target, pointerType, clientX, clientY }: PointerEvent) => {
      const isOver = pointerType === "mouse" && target instanceof Node && surface.current?.contains(target);
      pointer.current = isOver ? { clientX, clientY } : null;
    };
    const onLeave = () => {
      pointer.current = null;
    };
    window.addEventListener("pointermove", onMove, { passive: true });
    window.document.documentElement.addEventListener("pointerleave", onLeave);
    return () => {
      window.removeEventListener("pointermove", onMove);
      window.document.documentElement.removeEventListener("pointerleave", onLeave);
    };
  }, [surface]);
  return pointer;
}
