"use client";
/** Tools for several nodes at once, while several are selected. */

import { Toolbar } from "radix-ui";
import { Fragment } from "react";
import { useStore } from "zustand";
import type { CommandContext } from "@/canvas/commands/command";
import { CommandButton } from "@/canvas/commands/command-button";
import { useCommands } from "@/canvas/commands/use-commands";
import { countWords } from "@/canvas/editing/edit-step";
import { cn } from "@/ui/class-names";

const GROUPS: readonly (readonly string[])[] = [
  ["align-left", "align-centre", "align-right"],
  ["align-top", "align-middle", "align-bottom"],
  ["distribute-horizontal", "distribute-vertical"],
  ["group", "auto-layout", "export-film", "duplicate", "delete"],
];
const IDS = GROUPS.flat();

export function ArrangeBar({ context, className }: { context: CommandContext; className?: string }) {
  const count = useStore(context.canvas.selection.state, ({ nodes }) => nodes.size);
  const shown = useCommands(context, IDS);
  if (count < 2 || shown.length === 0) {
    return null;
  }
  return (
    <Toolbar.Root
      aria-label={`Arrange ${countWords(count, "node")}`}
      className={cn(
        // Beside the map of the canvas, not over it.
        "island pointer-events-auto flex h-11 animate-appear items-center gap-0.5 px-1.5 xl:-translate-x-[150px]",
        className,
      )}
    >
      <span aria-hidden className="px-2 text-meta text-mut tabular-nums">
        {count} selected
      </span>
      {GROUPS.map((ids) => (
        <Fragment key={ids[0]}>
          <Toolbar.Separator className="mx-1 h-5 w-px shrink-0 bg-line-strong" />
          {shown
            .filter(({ command }) => ids.includes(command.id))
            .map((one) => (
              <CommandButton
                key={one.command.id}
                shown={one}
                context={context}
                isInToolbar
                tooltipSide="top"
                className="size-8"
              />
            ))}
        </Fragment>
      ))}
    </Toolbar.Root>
  );
}
