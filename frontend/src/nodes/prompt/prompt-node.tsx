/** Words for the video model: a person's own, or what Gemini made of them. */

import { Sparkles, Type } from "lucide-react";
import { EmptyMedia } from "@/nodes/media-frame";
import type { NodeDefinition, NodeViewProps } from "@/nodes/node-type";
import { chosenWords, LONGEST_PROMPT } from "@/nodes/prompt/prompt-config";
import { Chip } from "@/ui/chip";

export const promptNode: NodeDefinition = { label: "Prompt", icon: Type, output: "text", Body, Facts };

function Body({ node }: NodeViewProps) {
  const { words } = chosenWords(node.config);
  if (!words) {
    return <EmptyMedia>Nothing written yet</EmptyMedia>;
  }
  return (
    <section
      aria-label="Prompt"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it has to be reachable by keyboard.
      tabIndex={0}
      className="aspect-video overflow-y-auto whitespace-pre-wrap break-words rounded-media bg-field p-4 text-[13.5px] leading-[1.65] [scrollbar-width:thin]"
    >
      {words}
    </section>
  );
}

function Facts({ node }: NodeViewProps) {
  const { words, isEnhanced } = chosenWords(node.config);
  return (
    <>
      {isEnhanced && (
        <Chip className="bg-type-text/14 text-type-text">
          <Sparkles aria-hidden />
          Enhanced
        </Chip>
      )}
      <span className="ml-auto text-dim text-meta tabular-nums">
        <span className="sr-only">Characters: </span>
        {words.length} / {LONGEST_PROMPT}
      </span>
    </>
  );
}
