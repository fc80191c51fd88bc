/** Commands that change what is on the canvas, and those that take it back. */

import { ClipboardPaste, Copy, CopyPlus, Pencil, Redo2, Scissors, Trash2, Undo2 } from "lucide-react";
import { announce } from "@/canvas/announcer";
import { type Command, type CommandContext, selectedNodes } from "@/canvas/commands/command";
import { perform } from "@/canvas/commands/perform";
import { copySelection, cutSelection, deleteSelected, pasteFromClipboard } from "@/canvas/commands/system-clipboard";
import { duplicate } from "@/canvas/editing/pasting";
import { beginRenaming } from "@/nodes/renaming";

const hasNodes = (context: CommandContext) => selectedNodes(context).size > 0;
const hasAnything = ({ canvas }: CommandContext) => {
  const { nodes, wires } = canvas.selection.state.getState();
  return nodes.size + wires.size > 0;
};

export const editCommands: readonly Command[] = [
  {
    id: "undo",
    title: "Undo",
    section: "Edit",
    icon: Undo2,
    shortcuts: ["Mod+Z"],
    repeats: true,
    isEdit: true,
    isEnabled: ({ document }) => document.historyState.getState().undo !== null,
    run: ({ document }) => {
      const { undo } = document.historyState.getState();
      document.undo();
      announce(`Undone: ${undo}`);
    },
  },
  {
    id: "redo",
    title: "Redo",
    section: "Edit",
    icon: Redo2,
    shortcuts: ["Shift+Mod+Z", "Mod+Y"],
    repeats: true,
    isEdit: true,
    isEnabled: ({ document }) => document.historyState.getState().redo !== null,
    run: ({ document }) => {
      const { redo } = document.historyState.getState();
      document.redo();
      announce(`Done again: ${redo}`);
    },
  },
  {
    id: "cut",
    title: "Cut",
    section: "Edit",
    icon: Scissors,
    shortcuts: ["Mod+X"],
    isNative: true,
    isEdit: true,
    isEnabled: hasNodes,
    run: (context) => void cutSelection(context),
  },
  {
    id: "copy",
    title: "Copy",
    section: "Edit",
    icon: Copy,
    shortcuts: ["Mod+C"],
    isNative: true,
    isEnabled: hasNodes,
    run: (context) => void copySelection(context),
  },
  {
    id: "paste",
    title: "Paste",
    section: "Edit",
    icon: ClipboardPaste,
    shortcuts: ["Mod+V"],
    isNative: true,
    isEdit: true,
    run: (context) => void pasteFromClipboard(context, context.newPlace()),
  },
  {
    id: "duplicate",
    title: "Duplicate",
    section: "Edit",
    icon: CopyPlus,
    shortcuts: ["Mod+D"],
    keywords: "copy again variant",
    isEdit: true,
    isEnabled: hasNodes,
    run: (context) => {
      const { document } = context;
      const { projectId, graph } = document;
      perform(context, duplicate(graph.getState(), selectedNodes(context), { projectId }));
    },
  },
  {
    id: "rename",
    title: "Rename",
    section: "Edit",
    icon: Pencil,
    shortcuts: ["F2"],
    keywords: "name title",
    isEdit: true,
    isEnabled: (context) => selectedNodes(context).size === 1,
    run: (context) => {
      const [nodeId] = selectedNodes(context);
      if (nodeId !== undefined) {
        void context.canvas.view.reveal(nodeId).then(() => beginRenaming(nodeId));
      }
    },
  },
  {
    id: "delete",
    title: "Delete",
    section: "Edit",
    icon: Trash2,
    shortcuts: ["Delete", "Backspace"],
    keywords: "remove",
    isEdit: true,
    isEnabled: hasAnything,
    run: deleteSelected,
  },
];
