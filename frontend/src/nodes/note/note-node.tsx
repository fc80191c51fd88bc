"use client";
/** Words on the canvas for the people who work on it. Only orders the canvas. */

import { StickyNote } from "lucide-react";
import { NOTE_OUTLINE, sizeWithin } from "@/nodes/geometry";
import type { NodeDefinition } from "@/nodes/node-type";
import { NoteSettings } from "@/nodes/note/note-colour";
import { LARGEST_NOTE_SIDE, NEW_NOTE, parseNoteConfig, SMALLEST_NOTE } from "@/nodes/note/note-config";
import { NoteFace } from "@/nodes/note/note-face";
import { PORTS } from "@/nodes/ports";

export const noteNode: NodeDefinition = {
  label: "Note",
  icon: StickyNote,
  ...PORTS.note,
  newConfig: () => NEW_NOTE,
  size: (config) => sizeWithin(parseNoteConfig(config), SMALLEST_NOTE, LARGEST_NOTE_SIDE),
  outline: NOTE_OUTLINE,
  sketch: ({ node }) => ({ subtitle: "", picture: null, words: parseNoteConfig(node.config).text, facts: [] }),
  Face: NoteFace,
  Body: () => null,
  Facts: () => null,
  Settings: NoteSettings,
};
