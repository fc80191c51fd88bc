/** Every command of the canvas, in the order in which lists show them. */

import { addCommands } from "@/canvas/commands/add-commands";
import { arrangeCommands } from "@/canvas/commands/arrange-commands";
import type { Command } from "@/canvas/commands/command";
import { editCommands } from "@/canvas/commands/edit-commands";
import { runCommands, selectCommands, viewCommands } from "@/canvas/commands/view-commands";
import { exportCommands } from "@/canvas/exports/export-commands";

export const COMMANDS: readonly Command[] = [
  ...addCommands,
  ...editCommands,
  ...selectCommands,
  ...arrangeCommands,
  ...runCommands,
  ...exportCommands,
  ...viewCommands,
];

const byId: ReadonlyMap<string, Command> = new Map(COMMANDS.map((command) => [command.id, command]));

/** The command of that id. A name that is none is a fault of the program. */
export function commandOf(id: string): Command {
  const command = byId.get(id);
  if (!command) {
    throw new Error(`There is no command ${id}.`);
  }
  return command;
}
