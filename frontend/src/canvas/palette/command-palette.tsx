"use client";
/** The command palette: every command that can be run now, and every node, by a few letters. */

import { Dialog as Radix } from "radix-ui";
import { useState } from "react";
import type { Command, CommandContext } from "@/canvas/commands/command";
import { COMMANDS } from "@/canvas/commands/registry";
import { ChoiceList } from "@/canvas/palette/choice-list";
import { paletteGroups } from "@/canvas/palette/choices";

interface CommandPaletteProps {
  context: CommandContext;
  /** "commands" finds nodes too; "search" finds nodes only. */
  mode: "commands" | "search";
  isOpen: boolean;
  onClose: () => void;
}

/** Of no use in a list: they are for the keyboard alone. */
const HIDDEN = new Set(["palette", "escape"]);
const LISTED = COMMANDS.filter(({ id, family }) => !HIDDEN.has(id) && family === undefined);

export function CommandPalette({ context, mode, isOpen, onClose }: CommandPaletteProps) {
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-50 bg-scrim/50" />
        <Radix.Content
          aria-describedby={undefined}
          className="-translate-x-1/2 fixed top-[12vh] left-1/2 z-50 w-[min(580px,calc(100vw-24px))] animate-appear overflow-hidden rounded-island bg-panel text-body text-fg shadow-island"
        >
          <Radix.Title className="sr-only">{mode === "search" ? "Find a node" : "Command palette"}</Radix.Title>
          <PaletteContent context={context} mode={mode} onClose={onClose} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Its own component, so that each opening begins with an empty field. */
function PaletteContent({ context, mode, onClose }: Omit<CommandPaletteProps, "isOpen">) {
  const [query, setQuery] = useState("");
  const isSearch = mode === "search";
  const { canvas } = context;

  function runCommand(command: Command) {
    onClose(); // first: a command may open a panel of its own
    command.run(context);
  }

  function showNode(nodeId: string) {
    onClose();
    canvas.selection.set({ nodes: [nodeId] });
    void canvas.view.reveal(nodeId);
  }

  return (
    <ChoiceList
      label={isSearch ? "Find a node" : "What to do, or which node to find"}
      placeholder={isSearch ? "Find a node by its name or words" : "Type a command, or the name or words of a node"}
      query={query}
      onQuery={setQuery}
      groups={paletteGroups({ commands: LISTED, context, query, isSearch, runCommand, showNode })}
      empty={
        isSearch && query.trim() === ""
          ? "Type a few letters of its name, or of the words in it."
          : `Nothing fits “${query}”.`
      }
      className="max-h-[min(60vh,480px)]"
    />
  );
}
