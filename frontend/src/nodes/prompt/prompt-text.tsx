"use client";
/** The words of a prompt node, typed in place. */

import { type KeyboardEvent, useState } from "react";
import type { GraphNode } from "@/live/graph";
import { useProject } from "@/live/project-context";
import {
  chosenWording,
  LONGEST_PROMPT,
  parsePromptConfig,
  typedOver,
  type Wording,
  wordsOf,
} from "@/nodes/prompt/prompt-config";
import { useDraft } from "@/nodes/use-draft";
import { cn } from "@/ui/class-names";

interface PromptTextProps {
  node: GraphNode;
  /** Words are being made of these. */
  isEnhancing: boolean;
}

export function PromptText({ node, isEnhancing }: PromptTextProps) {
  const project = useProject();
  const config = parsePromptConfig(node.config);
  /** An enhancement that arrives while somebody types must not slip under the cursor: which words are typed stays until then. */
  const [typing, setTyping] = useState<Wording | null>(null);
  const wording = typing ?? chosenWording(config);
  const draft = useDraft(wordsOf(config, wording), (words) => {
    const now = project.graph.getState().nodes.get(node.id);
    const changed = now ? typedOver(parsePromptConfig(now.config), wording, words) : {};
    if (Object.keys(changed).length > 0) {
      const edit = { op: "update_node", node_id: node.id, config: changed } as const;
      project.edit("edit prompt", [edit], { mergeKey: `prompt/${node.id}` });
    }
  });

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
      draft.flush(); // the canvas runs something by this key: with these words
      return;
    }
    event.stopPropagation(); // letters are shortcuts on the canvas
    if (event.key === "Escape") {
      event.currentTarget.blur();
    }
  }

  return (
    <textarea
      aria-label={wording === "enhanced" ? "Prompt, enhanced" : "Prompt"}
      data-prompt-text
      value={draft.text}
      maxLength={LONGEST_PROMPT}
      readOnly={!project.canEdit}
      placeholder="Describe the shot: who or what, what happens, where, how the camera moves."
      onChange={({ target }) => {
        setTyping(wording);
        draft.change(target.value);
      }}
      onBlur={() => {
        draft.leave();
        setTyping(null);
      }}
      onKeyDown={onKeyDown}
      className={cn(
        "nodrag nopan nowheel block size-full resize-none rounded-media bg-field p-4 text-[13.5px] leading-[22px] [scrollbar-width:thin] placeholder:text-dim focus-visible:outline-1 focus-visible:outline-line-strong focus-visible:-outline-offset-1",
        isEnhancing && "animate-sheen",
      )}
    />
  );
}
