"use client";
/** A person's words and the enhanced ones side by side; either can be used. */

import { Check, Sparkles } from "lucide-react";
import type { GraphNode } from "@/live/graph";
import { useProject } from "@/live/project-context";
import { chosenWording, isOutdated, parsePromptConfig, type Wording } from "@/nodes/prompt/prompt-config";
import { Button } from "@/ui/button";
import { cn } from "@/ui/class-names";

interface CompareProps {
  node: GraphNode;
  isBusy: boolean;
  onEnhance: () => void;
}

export function Compare({ node, isBusy, onEnhance }: CompareProps) {
  const project = useProject();
  const config = parsePromptConfig(node.config);
  const { enhanced } = config;
  if (!enhanced) {
    return null;
  }
  const used = chosenWording(config);
  const use = (wording: Wording) =>
    project.edit(wording === "text" ? "use own words" : "use enhanced words", [
      { op: "update_node", node_id: node.id, config: { use: wording } },
    ]);
  return (
    <div className="flex flex-col gap-4">
      <div className="grid gap-3 sm:grid-cols-2">
        <Words title="Your words" words={config.text} isUsed={used === "text"} onUse={() => use("text")}>
          Use mine
        </Words>
        <Words
          title="Enhanced"
          words={enhanced.enhanced_prompt}
          isUsed={used === "enhanced"}
          onUse={() => use("enhanced")}
        >
          Use enhanced
        </Words>
      </div>
      {enhanced.negative_prompt && (
        <section>
          <h3 className="text-dim text-meta">Left out of the picture</h3>
          <p>{enhanced.negative_prompt}</p>
        </section>
      )}
      {enhanced.shot_notes.length > 0 && (
        <section>
          <h3 className="text-dim text-meta">Why this shot</h3>
          <ul className="flex list-disc flex-col gap-0.5 pl-4 text-mut marker:text-dim">
            {enhanced.shot_notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </section>
      )}
      {project.canEdit && (
        <footer className="flex items-center justify-between gap-3 border-line border-t pt-3">
          <p className="text-dim text-meta">{isOutdated(config) && "Your words have changed since."}</p>
          <Button look="ghost" className="h-8" isBusy={isBusy} disabled={config.text.trim() === ""} onClick={onEnhance}>
            <Sparkles aria-hidden className="size-3.5" /> Enhance again
          </Button>
        </footer>
      )}
    </div>
  );
}

interface WordsProps {
  title: string;
  words: string;
  isUsed: boolean;
  onUse: () => void;
  /** What the button says. */
  children: string;
}

function Words({ title, words, isUsed, onUse, children }: WordsProps) {
  const { canEdit } = useProject();
  return (
    <section
      aria-label={title}
      className={cn(
        "flex min-h-40 flex-col gap-2 rounded-media bg-field p-3 shadow-[inset_0_0_0_1px_var(--color-line)]",
        isUsed && "shadow-[inset_0_0_0_1.5px_var(--color-fg)]",
      )}
    >
      <h3 className="text-dim text-meta">{title}</h3>
      <p
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it has to be reachable by keyboard.
        tabIndex={0}
        className="max-h-64 flex-1 overflow-y-auto whitespace-pre-wrap break-words [scrollbar-width:thin]"
      >
        {words || <span className="text-dim">Nothing written</span>}
      </p>
      {isUsed ? (
        <p className="flex h-8 items-center gap-1.5 text-mut">
          <Check aria-hidden className="size-3.5" /> In use
        </p>
      ) : (
        canEdit && (
          <Button className="h-8" onClick={onUse}>
            {children}
          </Button>
        )
      )}
    </section>
  );
}
