"use client";
/** Words for the video model: a person's own, or what Gemini made of them. */

import { Type } from "lucide-react";
import { isActive } from "@/live/node-status";
import type { NodeDefinition, NodeViewProps, Sketch } from "@/nodes/node-type";
import { PORTS } from "@/nodes/ports";
import { Enhance } from "@/nodes/prompt/enhance";
import { chosenWords, LONGEST_PROMPT } from "@/nodes/prompt/prompt-config";
import { PromptText } from "@/nodes/prompt/prompt-text";
import { lazily } from "@/ui/lazily";

export const promptNode: NodeDefinition = {
  label: "Prompt",
  icon: Type,
  ...PORTS.prompt,
  newConfig: () => ({ text: "", enhanced: null, use: "text" }),
  size: () => PROMPT_SIZE,
  sketch,
  Body,
  Facts,
  Settings: lazily(async () => (await import("@/nodes/prompt/prompt-settings")).PromptSettings),
};

const PROMPT_SIZE = { width: 300, height: 232 };

function sketch({ node }: NodeViewProps): Sketch {
  const { words, isEnhanced } = chosenWords(node.config);
  return {
    subtitle: "",
    picture: null,
    words: words || "Nothing written yet",
    facts: isEnhanced ? ["Enhanced"] : [],
    aside: countWords(words),
  };
}

function countWords(words: string): string {
  return `${words.length} / ${LONGEST_PROMPT}`;
}

function Body({ node, moment }: NodeViewProps) {
  return <PromptText node={node} isEnhancing={isActive(moment.status)} />;
}

function Facts({ node, moment }: NodeViewProps) {
  const { words } = chosenWords(node.config);
  return (
    <>
      <Enhance node={node} moment={moment} />
      <span className="ml-auto min-w-0 truncate pr-1 text-dim text-meta tabular-nums">
        <span className="sr-only">Characters: </span>
        {countWords(words)}
      </span>
    </>
  );
}
