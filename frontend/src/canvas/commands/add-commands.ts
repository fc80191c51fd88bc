/** Commands that bring something new to the canvas. */

import { ImageUp } from "lucide-react";
import type { Command, CommandContext } from "@/canvas/commands/command";
import { perform } from "@/canvas/commands/perform";
import { addNode } from "@/canvas/editing/adding";
import type { NodeTypeName } from "@/nodes/node-type";
import { NODE_TYPE_NAMES } from "@/nodes/ports";
import { nodeDefinition } from "@/nodes/registry";

const KEYS: Partial<Record<NodeTypeName, string>> = { prompt: "T", image: "I", video: "M" };
const KEYWORDS: Record<NodeTypeName, string> = {
  prompt: "text words write",
  image: "picture photo reference first frame",
  video: "movie clip shot generate",
  frame: "shot scene group section",
  note: "sticky comment text",
};

function add(type: NodeTypeName): Command {
  const { label, icon } = nodeDefinition(type);
  return {
    id: `add-${type}`,
    title: `Add ${label.toLowerCase()}`,
    section: "Add",
    icon,
    shortcuts: KEYS[type] === undefined ? [] : [KEYS[type]],
    keywords: `new create ${KEYWORDS[type]}`,
    isEdit: true,
    run: (context) => addAndShow(context, type),
  };
}

function addAndShow(context: CommandContext, type: NodeTypeName): void {
  const { document, canvas } = context;
  const made = addNode(document.graph.getState(), { type, at: context.newPlace() });
  if (perform(context, made)) {
    void canvas.view.reveal(made.nodeId); // where it was crowded, it may have found its place out of view
  }
}

export const addCommands: readonly Command[] = [
  ...NODE_TYPE_NAMES.map(add),
  {
    id: "upload-pictures",
    title: "Upload pictures",
    section: "Add",
    icon: ImageUp,
    shortcuts: [],
    keywords: "photo file image face",
    isEdit: true,
    isOffered: ({ choosePictures }) => choosePictures !== null,
    run: ({ choosePictures }) => choosePictures?.(),
  },
];
