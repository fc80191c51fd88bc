"use client";
/** A note: words in its colour, typed in place. */

import { type KeyboardEvent, type RefObject, useRef, useState } from "react";
import { useProject } from "@/live/project-context";
import { LOOK } from "@/nodes/colours";
import { type Size, sizeWithin } from "@/nodes/geometry";
import type { NodeViewProps } from "@/nodes/node-type";
import { LARGEST_NOTE_SIDE, LONGEST_NOTE, parseNoteConfig, SMALLEST_NOTE } from "@/nodes/note/note-config";
import { ResizeHandle } from "@/nodes/resize-handle";
import { useDraft } from "@/nodes/use-draft";
import { cn } from "@/ui/class-names";

export function NoteFace({ node }: NodeViewProps) {
  const project = useProject();
  const field = useRef<HTMLTextAreaElement>(null);
  const [preview, setPreview] = useState<Size | null>(null);
  const config = parseNoteConfig(node.config);
  const kept = within(config);
  const resize = (size: Size) => {
    const { width, height } = within(size);
    if (width !== kept.width || height !== kept.height) {
      const edit = { op: "update_node", node_id: node.id, config: { width, height } } as const;
      project.edit("resize note", [edit], { mergeKey: `size/${node.id}` });
    }
  };
  return (
    <article
      aria-label={`Note: ${node.title}`}
      data-node-id={node.id}
      style={preview ?? kept}
      onDoubleClick={() => field.current?.focus()}
      className={cn("group/card relative rounded-media shadow-node", LOOK[config.colour].note)}
    >
      <NoteText nodeId={node.id} text={config.text} field={field} />
      {project.canEdit && (
        <ResizeHandle
          label={`Resize ${node.title}`}
          size={kept}
          onPreview={(size) => setPreview(size && within(size))}
          onCommit={resize}
        />
      )}
    </article>
  );
}

interface NoteTextProps {
  nodeId: string;
  text: string;
  field: RefObject<HTMLTextAreaElement | null>;
}

/** A click takes hold of the note, which can be dragged and deleted then; a double click, or the focus, begins to type in it. */
function NoteText({ nodeId, text, field }: NoteTextProps) {
  const project = useProject();
  const [isTyping, setTyping] = useState(false);
  const draft = useDraft(text, (words) => {
    if (words !== text) {
      const edit = { op: "update_node", node_id: nodeId, config: { text: words } } as const;
      project.edit("edit note", [edit], { mergeKey: `note/${nodeId}` });
    }
  });

  function onKeyDown(event: KeyboardEvent) {
    event.stopPropagation(); // letters are shortcuts on the canvas
    if (event.key === "Escape") {
      field.current?.blur();
    }
  }

  return (
    <textarea
      ref={field}
      aria-label="Text of the note"
      data-note-text
      value={draft.text}
      maxLength={LONGEST_NOTE}
      readOnly={!project.canEdit}
      placeholder="Write a note"
      onFocus={() => setTyping(true)}
      onChange={({ target }) => draft.change(target.value)}
      onBlur={() => {
        draft.leave();
        setTyping(false);
      }}
      onKeyDown={onKeyDown}
      className={cn(
        "block size-full resize-none rounded-media bg-transparent p-4 text-body text-fg [scrollbar-width:none] placeholder:text-mut focus-visible:outline-1 focus-visible:outline-line-strong focus-visible:-outline-offset-1",
        isTyping ? "nodrag nopan nowheel" : "pointer-events-none",
      )}
    />
  );
}

function within(size: Size): Size {
  return sizeWithin(size, SMALLEST_NOTE, LARGEST_NOTE_SIDE);
}
