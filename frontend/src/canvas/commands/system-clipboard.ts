/** The system's clipboard: by menu through the browser's interface, by keys through the browser's own events. */

import { announce } from "@/canvas/announcer";
import { type CommandContext, selectedNodes } from "@/canvas/commands/command";
import { perform } from "@/canvas/commands/perform";
import { clipboardText, copyOf } from "@/canvas/editing/clipboard-document";
import { deleteSelection } from "@/canvas/editing/deleting";
import { countWords, type NotDone } from "@/canvas/editing/edit-step";
import { contentsOfFrames } from "@/canvas/editing/moving";
import { pasteText } from "@/canvas/editing/pasting";
import type { Position } from "@/live/graph";
import { isActive } from "@/live/node-status";
import type { ProjectDocument } from "@/live/project-document";
import { toast } from "@/ui/toaster";

const NO_CLIPBOARD: NotDone = {
  message: "The browser did not let this page use the clipboard.",
  advice: "Use the keys for it: those always work.",
};

/** The selection as text, with what lies on its frames; null where no node is selected. */
export function selectionText(context: CommandContext): string | null {
  const nodeIds = selectedNodes(context);
  if (nodeIds.size === 0) {
    return null;
  }
  const graph = context.document.graph.getState();
  const whole = contentsOfFrames(graph, nodeIds);
  announce(`Copied ${countWords(whole.size, "node")}`);
  return clipboardText(copyOf(graph, context.document.projectId, whole));
}

/** Returns whether the text is in the clipboard now. */
export async function copySelection(context: CommandContext): Promise<boolean> {
  const text = selectionText(context);
  if (text === null) {
    return false;
  }
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    toast.problem(NO_CLIPBOARD.message, { description: NO_CLIPBOARD.advice });
    return false;
  }
}

export async function cutSelection(context: CommandContext): Promise<void> {
  if (await copySelection(context)) {
    deleteSelected(context);
  }
}

/** Delete the selection; what is at work stays. */
export function deleteSelected(context: CommandContext): void {
  const { document, canvas } = context;
  const isBusy = (nodeId: string) => isAtWork(document, nodeId);
  perform(context, deleteSelection(document.graph.getState(), canvas.selection.state.getState(), isBusy));
}

/** Paste what the browser hands over on request: words, or a picture. */
export async function pasteFromClipboard(context: CommandContext, at: Position): Promise<void> {
  try {
    const items = await navigator.clipboard.read();
    const pictures = await Promise.all(items.flatMap(pictureOf));
    if (pictures.length > 0) {
      context.addPictures?.(pictures, at);
      return;
    }
    pasteWords(context, await navigator.clipboard.readText(), at);
  } catch {
    toast.problem(NO_CLIPBOARD.message, { description: NO_CLIPBOARD.advice });
  }
}

export function pasteWords(context: CommandContext, text: string, at: Position): void {
  const { graph, projectId } = context.document;
  perform(context, pasteText(graph.getState(), text, { projectId, at }));
}

function pictureOf(item: ClipboardItem): Promise<File>[] {
  const type = item.types.find((name) => name.startsWith("image/"));
  return type === undefined
    ? []
    : [item.getType(type).then((blob) => new File([blob], `Pasted picture.${type.slice(6)}`, { type }))];
}

/** Whether the server would refuse to delete it. Inspecting a picture is no work: services/core/projects/status.py. */
export function isAtWork({ graph, statuses }: ProjectDocument, nodeId: string): boolean {
  return graph.getState().nodes.get(nodeId)?.type !== "image" && isActive(statuses.get(nodeId).status);
}
