"use client";
/** The lower right corner of a frame or a note: dragged, or moved by arrow keys; the new size is one edit, made at the end. */

import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import type { Size } from "@/nodes/geometry";
import { cn } from "@/ui/class-names";

/** Canvas units for each press of an arrow. */
const KEY_STEP = 20;

const KEY_MOVES: Readonly<Record<string, Size>> = {
  ArrowRight: { width: KEY_STEP, height: 0 },
  ArrowLeft: { width: -KEY_STEP, height: 0 },
  ArrowDown: { width: 0, height: KEY_STEP },
  ArrowUp: { width: 0, height: -KEY_STEP },
};

interface ResizeHandleProps {
  /** What it resizes, as its name: "Resize Shot 01". */
  label: string;
  size: Size;
  /** The size while it is dragged; null: it is not dragged any more. */
  onPreview: (size: Size | null) => void;
  onCommit: (size: Size) => void;
  className?: string;
}

interface Grip {
  x: number;
  y: number;
  /** CSS pixels for one canvas unit. */
  zoom: number;
}

export function ResizeHandle({ label, size, onPreview, onCommit, className }: ResizeHandleProps) {
  const grip = useRef<Grip | null>(null);

  function sizeAt(event: PointerEvent, { x, y, zoom }: Grip): Size {
    return { width: size.width + (event.clientX - x) / zoom, height: size.height + (event.clientY - y) / zoom };
  }

  function onPointerDown(event: PointerEvent<HTMLButtonElement>) {
    if (event.button !== 0) {
      return;
    }
    event.stopPropagation();
    const button = event.currentTarget;
    button.setPointerCapture(event.pointerId);
    // The canvas scales its nodes as a whole: what is drawn against what is laid out is its zoom.
    const zoom = button.getBoundingClientRect().width / button.offsetWidth || 1;
    grip.current = { x: event.clientX, y: event.clientY, zoom };
  }

  function onPointerUp(event: PointerEvent) {
    if (grip.current) {
      const chosen = sizeAt(event, grip.current);
      grip.current = null;
      onPreview(null);
      onCommit(chosen);
    }
  }

  function onKeyDown(event: KeyboardEvent) {
    const move = KEY_MOVES[event.key];
    if (move) {
      event.preventDefault();
      event.stopPropagation(); // the same keys move the node
      onCommit({ width: size.width + move.width, height: size.height + move.height });
    }
  }

  return (
    <button
      type="button"
      aria-label={label}
      title="Resize"
      onPointerDown={onPointerDown}
      onPointerMove={(event) => grip.current && onPreview(sizeAt(event, grip.current))}
      onPointerUp={onPointerUp}
      onPointerCancel={() => {
        grip.current = null;
        onPreview(null);
      }}
      onKeyDown={onKeyDown}
      className={cn(
        "nodrag nopan pointer-events-auto absolute right-0 bottom-0 size-6 touch-none rounded-br-[18px] opacity-0 transition-opacity focus-visible:opacity-100 group-hover/card:opacity-100 [@media(hover:none)]:opacity-100",
        "cursor-nwse-resize before:absolute before:right-2 before:bottom-2 before:size-2.5 before:rounded-br-[5px] before:border-mut before:border-r-2 before:border-b-2",
        className,
      )}
    />
  );
}
