"use client";
/** An island beside the canvas that lists something of the project; the canvas stays in use. */

import { X } from "lucide-react";
import { type ReactNode, useId } from "react";
import { useCanvas } from "@/canvas/canvas-context";
import { cn } from "@/ui/class-names";

interface SidePanelProps {
  title: string;
  /** Beside the title: a filter, for example. */
  aside?: ReactNode;
  children: ReactNode;
  /** Where it lies; it brings its look and its width. */
  className?: string;
}

export function SidePanel({ title, aside, children, className }: SidePanelProps) {
  const { state } = useCanvas();
  const titleId = useId();
  return (
    <aside
      aria-labelledby={titleId}
      className={cn(
        "island pointer-events-auto flex max-h-full min-h-0 w-[360px] max-w-full animate-appear flex-col overflow-hidden rounded-[20px]",
        className,
      )}
    >
      <header className="flex items-center gap-3 py-3 pr-2 pl-4">
        <h2 id={titleId} className="min-w-0 flex-1 truncate text-title">
          {title}
        </h2>
        {aside}
        <button
          type="button"
          aria-label={`Close ${title.toLowerCase()}`}
          onClick={() => state.setState({ panel: { kind: "none" } })}
          className="grid size-8 shrink-0 place-items-center rounded-input text-mut hover:bg-raise/60 hover:text-fg"
        >
          <X aria-hidden className="size-4" />
        </button>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto px-4 pb-4 [scrollbar-width:thin]">{children}</div>
    </aside>
  );
}
