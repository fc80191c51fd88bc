"use client";
/** How large the canvas is shown, and the buttons to change that. */

import { useCallback, useSyncExternalStore } from "react";
import { useCanvas } from "@/canvas/canvas-context";
import type { CommandContext } from "@/canvas/commands/command";
import { CommandButton } from "@/canvas/commands/command-button";
import { commandOf } from "@/canvas/commands/registry";
import { cn } from "@/ui/class-names";
import { Tooltip } from "@/ui/tooltip";

export function ZoomIsland({ context, className }: { context: CommandContext; className?: string }) {
  const button = (id: string) => (
    <CommandButton
      shown={{ command: commandOf(id), isEnabled: true }}
      context={context}
      tooltipSide="top"
      className="size-8"
    />
  );
  return (
    <fieldset
      aria-label="Zoom"
      className={cn("island pointer-events-auto m-0 flex h-10 items-center gap-0.5 border-0 px-1", className)}
    >
      {button("zoom-out")}
      <Percent context={context} />
      {button("zoom-in")}
      {button("zoom-fit")}
    </fieldset>
  );
}

/** Renders again only when the whole percent changes. */
function Percent({ context }: { context: CommandContext }) {
  const { view } = useCanvas();
  const watch = useCallback((watcher: () => void) => view.watchView(watcher), [view]);
  const read = () => Math.round(view.zoom() * 100);
  const percent = useSyncExternalStore(watch, read, () => 100);
  const full = commandOf("zoom-100");
  return (
    <Tooltip label={full.title} shortcut={full.shortcuts[0]} side="top">
      <button
        type="button"
        aria-label={`${percent} %. ${full.title}`}
        onClick={() => full.run(context)}
        className="h-8 w-[52px] rounded-input font-mono text-meta tabular-nums hover:bg-raise/60"
      >
        {percent} %
      </button>
    </Tooltip>
  );
}
