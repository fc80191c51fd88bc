"use client";
/** The keyboard of the canvas: keys start commands wherever the focus is, except where they mean something else. */

import { useEffect } from "react";
import { type CommandContext, isEnabled, isOffered } from "@/canvas/commands/command";
import { COMMANDS } from "@/canvas/commands/registry";
import { commandForKeys, hasOwnKeys, isBusyTarget } from "@/canvas/commands/shortcuts";
import { deleteSelected, pasteWords, selectionText } from "@/canvas/commands/system-clipboard";
import { isMac } from "@/ui/kbd";

/** Listen for the keys, and for what the browser makes of Mod+C, Mod+X and Mod+V. */
export function useShortcuts(context: CommandContext): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => startCommand(context, event);
    const onCopy = (event: ClipboardEvent) => copyOrCut(context, event);
    const onPaste = (event: ClipboardEvent) => paste(context, event);
    window.addEventListener("keydown", onKeyDown);
    document.addEventListener("copy", onCopy);
    document.addEventListener("cut", onCopy);
    document.addEventListener("paste", onPaste);
    return () => {
      window.removeEventListener("keydown", onKeyDown);
      document.removeEventListener("copy", onCopy);
      document.removeEventListener("cut", onCopy);
      document.removeEventListener("paste", onPaste);
    };
  }, [context]);
}

function startCommand(context: CommandContext, event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || isBusyTarget(event.target)) {
    return;
  }
  const command = commandForKeys(COMMANDS, event, isMac());
  if (!command || command.isNative || !isOffered(command, context)) {
    return;
  }
  const isBare = !event.metaKey && !event.ctrlKey;
  if (isBare && command.id !== "escape" && hasOwnKeys(event.target)) {
    return;
  }
  // Arrows without a selection scroll, and Escape may concern others: only what is ours and can be done is taken.
  if (isEnabled(command, context)) {
    event.preventDefault();
    if (!event.repeat || command.repeats) {
      command.run(context);
    }
  } else if (!isBare) {
    event.preventDefault(); // not the browser's Mod+D instead of ours
  }
}

/** Whether the browser's own copying is wanted: somebody types, or has marked words on the page. */
function isForBrowser(event: ClipboardEvent): boolean {
  return event.defaultPrevented || isBusyTarget(event.target) || document.getSelection()?.isCollapsed === false;
}

function copyOrCut(context: CommandContext, event: ClipboardEvent): void {
  const text = isForBrowser(event) ? null : selectionText(context);
  if (text === null || !event.clipboardData) {
    return;
  }
  event.preventDefault();
  event.clipboardData.setData("text/plain", text);
  if (event.type === "cut") {
    deleteSelected(context);
  }
}

function paste(context: CommandContext, event: ClipboardEvent): void {
  if (event.defaultPrevented || isBusyTarget(event.target) || !event.clipboardData || !context.document.canEdit) {
    return;
  }
  event.preventDefault();
  const pictures = [...event.clipboardData.files].filter(({ type }) => type.startsWith("image/"));
  if (pictures.length > 0) {
    context.addPictures?.(pictures, context.newPlace());
  } else {
    pasteWords(context, event.clipboardData.getData("text/plain"), context.newPlace());
  }
}
