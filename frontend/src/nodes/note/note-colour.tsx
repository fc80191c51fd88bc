"use client";
/** The inspector of a note. */

import { ColourField } from "@/nodes/colour-field";
import type { NodeViewProps } from "@/nodes/node-type";
import { parseNoteConfig } from "@/nodes/note/note-config";

export function NoteSettings({ node }: NodeViewProps) {
  return <ColourField nodeId={node.id} colour={parseNoteConfig(node.config).colour} />;
}
