"use client";
/** Commands as buttons and menus show them: which are offered, and which would do anything now. */

import { AlignStartVertical } from "lucide-react";
import { useCallback, useSyncExternalStore } from "react";
import { type Command, type CommandContext, isEnabled, isOffered } from "@/canvas/commands/command";
import { commandOf } from "@/canvas/commands/registry";
import type { MenuItem } from "@/ui/menu";

export interface ShownCommand {
  command: Command;
  isEnabled: boolean;
}

/** Those of the commands that are offered here. Renders again only when one of them changes between possible and not. */
export function useCommands(context: CommandContext, ids: readonly string[]): ShownCommand[] {
  const watch = useCallback((watcher: () => void) => watchContext(context, watcher), [context]);
  const read = () => ids.map((id) => mark(commandOf(id), context)).join("");
  const marks = useSyncExternalStore(watch, read, read);
  return ids.flatMap((id, index) =>
    marks[index] === NOT_OFFERED ? [] : [{ command: commandOf(id), isEnabled: marks[index] === POSSIBLE }],
  );
}

const NOT_OFFERED = "-";
const POSSIBLE = "1";

function mark(command: Command, context: CommandContext): string {
  if (!isOffered(command, context)) {
    return NOT_OFFERED;
  }
  return isEnabled(command, context) ? POSSIBLE : "0";
}

function watchContext({ document, canvas, layout }: CommandContext, watcher: () => void): () => void {
  const ends = [
    document.historyState.subscribe(watcher),
    document.graph.subscribe(watcher),
    canvas.selection.state.subscribe(watcher),
    canvas.state.subscribe(watcher),
    layout.state.subscribe(watcher),
  ];
  return () => {
    for (const end of ends) {
      end();
    }
  };
}

/** Commands as a menu, in groups with lines between them, as they are now. What is not offered is left out. */
export function menuOf(context: CommandContext, groups: readonly (readonly string[])[]): MenuItem[] {
  const filled = groups
    .map((ids) => ids.map(commandOf).filter((command) => isOffered(command, context)))
    .filter((commands) => commands.length > 0);
  return filled.flatMap((commands, index): MenuItem[] => [
    ...(index === 0 ? [] : [{ kind: "separator" } as const]),
    ...commands.map((command) => menuItem(command, context)),
  ]);
}

function menuItem(command: Command, context: CommandContext): MenuItem {
  return {
    kind: "action",
    label: command.title,
    icon: command.icon,
    shortcut: command.shortcuts[0],
    isDisabled: !isEnabled(command, context),
    isDangerous: command.id === "delete",
    onSelect: () => command.run(context),
  };
}

const ARRANGE = ["align-left", "align-centre", "align-right", "align-top", "align-middle", "align-bottom"];
const SPREAD = ["distribute-horizontal", "distribute-vertical"];

/** The menu over selected nodes. */
export function nodeMenu(context: CommandContext): MenuItem[] {
  const selected = context.canvas.selection.state.getState().nodes;
  const { size } = selected;
  const [first] = selected;
  const isVideo = size === 1 && context.document.graph.getState().nodes.get(first ?? "")?.type === "video";
  const arrange: MenuItem[] =
    size > 1 && context.document.canEdit
      ? [
          { kind: "separator" },
          {
            kind: "submenu",
            label: "Align and distribute",
            icon: AlignStartVertical,
            items: menuOf(context, [ARRANGE, SPREAD]),
          },
        ]
      : [];
  return [
    ...menuOf(context, [
      isVideo ? ["run-selected"] : [],
      ["cut", "copy", "paste", "duplicate", "rename"],
      ["group", ...(size > 1 ? ["auto-layout"] : [])],
      ["export-film"],
    ]),
    ...arrange,
    { kind: "separator" },
    ...menuOf(context, [["select-kind", "select-connected", "zoom-selection"], ["delete"]]),
  ];
}

/** The menu over a wire. */
export function wireMenu(context: CommandContext): MenuItem[] {
  return menuOf(context, [["delete"]]);
}

/** The menu over empty canvas. */
export function canvasMenu(context: CommandContext): MenuItem[] {
  return menuOf(context, [
    ["add-prompt", "add-image", "add-video", "add-frame", "add-note", "upload-pictures"],
    ["paste", "select-all", "auto-layout"],
    ["zoom-fit", "zoom-100", "outline", "palette", "shortcuts"],
  ]);
}
