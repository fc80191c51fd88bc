"use client";
/** The rail at the left: what can be put on the canvas, and what can be opened beside it. */

import { Plus } from "lucide-react";
import { Toolbar } from "radix-ui";
import { Fragment } from "react";
import { useStore } from "zustand";
import type { CommandContext } from "@/canvas/commands/command";
import { CommandButton } from "@/canvas/commands/command-button";
import { menuOf, useCommands } from "@/canvas/commands/use-commands";
import { TYPE_COLOUR } from "@/nodes/node-type";
import { NODE_TYPE_NAMES } from "@/nodes/ports";
import { nodeDefinition } from "@/nodes/registry";
import { cn } from "@/ui/class-names";
import { Menu } from "@/ui/menu";

const ADD = ["add-prompt", "add-image", "add-video", "add-note", "add-frame"];
/** Lines stand between the groups. */
const GROUPS: readonly (readonly string[])[] = [
  ["tool-select", "tool-hand"],
  [...ADD, "upload-pictures"],
  ["auto-layout", "outline", "gallery", "characters"],
  ["search", "shortcuts"],
];
const IDS = GROUPS.flat();

/** The icons of the kinds have the colours of what they put out. */
const COLOURS: ReadonlyMap<string, string> = new Map(
  NODE_TYPE_NAMES.flatMap((type) => {
    const { output } = nodeDefinition(type);
    return output ? [[`add-${type}`, TYPE_COLOUR[output.type]] as const] : [];
  }),
);

export function ToolRail({ context, className }: { context: CommandContext; className?: string }) {
  const shown = useCommands(context, IDS);
  const { tool, panel } = useStore(context.canvas.state);
  const isLayingOut = useStore(context.layout.state, ({ kind }) => kind === "working");
  const groups = GROUPS.map((ids) => shown.filter(({ command }) => ids.includes(command.id))).filter(
    (group) => group.length > 0,
  );
  const pressedOf = (id: string): boolean | undefined => {
    if (id.startsWith("tool-")) {
      return id === `tool-${tool}`;
    }
    return OPENERS.has(id) ? panel.kind === id : undefined;
  };
  return (
    <Toolbar.Root
      orientation="vertical"
      aria-label="Tools"
      className={cn(
        "island pointer-events-auto flex max-h-full w-12 flex-col items-center gap-0.5 overflow-y-auto py-1.5 [scrollbar-width:none]",
        className,
      )}
    >
      {context.document.canEdit && <AddButton context={context} />}
      {groups.map((group, index) => (
        <Fragment key={group[0]?.command.id}>
          {index > 0 && <Toolbar.Separator className="my-1.5 h-px w-6 shrink-0 bg-line-strong" />}
          {group.map((one) => (
            <CommandButton
              key={one.command.id}
              shown={one}
              context={context}
              isInToolbar
              isPressed={pressedOf(one.command.id)}
              iconClassName={cn(
                COLOURS.get(one.command.id),
                one.command.id === "auto-layout" && isLayingOut && "animate-sheen",
              )}
              label={one.command.id === "auto-layout" && isLayingOut ? "Laying out…" : undefined}
              tooltipSide="right"
            />
          ))}
        </Fragment>
      ))}
    </Toolbar.Root>
  );
}

/** Commands that open the panel of the same name. */
const OPENERS = new Set(["outline", "gallery", "characters", "search", "shortcuts"]);

function AddButton({ context }: { context: CommandContext }) {
  return (
    <Menu items={menuOf(context, [ADD, ["upload-pictures"]])} side="right">
      <Toolbar.Button
        aria-label="Add"
        className="mb-1 grid size-9 shrink-0 place-items-center rounded-input bg-primary text-on-primary hover:opacity-90"
      >
        <Plus aria-hidden className="size-[18px]" />
      </Toolbar.Button>
    </Menu>
  );
}
