"use client";
/** The words that go to the model: the node's own, or those of the prompt node that is wired in. */

import { Type } from "lucide-react";
import { chosenWords, LONGEST_PROMPT } from "@/nodes/prompt/prompt-config";
import { DraftTextArea } from "@/nodes/settings/draft-text-area";
import { NodeLink } from "@/nodes/settings/node-link";
import type { VideoSettingsForm } from "@/nodes/video/settings/use-video-settings";

export function PromptField({ form }: { form: VideoSettingsForm }) {
  const { config, canEdit, change, wired } = form;
  const source = wired.sources.get("prompt")?.[0]?.source;
  if (source) {
    const { words } = chosenWords(source.config);
    return (
      <section aria-label="Prompt" className="flex flex-col gap-2">
        <div className="flex items-center justify-between gap-3 text-body">
          <span className="text-mut">Prompt</span>
          <span className="flex min-w-0 items-center gap-1.5 text-type-text">
            <Type aria-hidden className="size-3.5 shrink-0" />
            <span className="shrink-0">from</span>
            <NodeLink nodeId={source.id} title={source.title} />
          </span>
        </div>
        <div className="rounded-input bg-field px-3 py-2.5 text-body shadow-[inset_0_0_0_1px_var(--color-line)]">
          <p className="line-clamp-4 whitespace-pre-wrap break-words">
            {words || <span className="text-dim">Nothing is written there yet.</span>}
          </p>
        </div>
      </section>
    );
  }
  return (
    <DraftTextArea
      label="Prompt"
      value={config.prompt}
      maxLength={LONGEST_PROMPT}
      placeholder="Describe what the video should show, or wire a prompt in."
      onCommit={(prompt) => change("change prompt", { prompt }, { mergeKey: "prompt" })}
      isDisabled={!canEdit}
    />
  );
}

/** What the video should not show. */
export function NegativePromptField({ form }: { form: VideoSettingsForm }) {
  const { config, canEdit, change } = form;
  return (
    <DraftTextArea
      label="Without"
      rows={1}
      className="[&>textarea]:min-h-10"
      value={config.negative_prompt ?? ""}
      maxLength={LONGEST_PROMPT}
      placeholder="What it should not show"
      onCommit={(words) =>
        change("change negative prompt", { negative_prompt: words === "" ? null : words }, { mergeKey: "negative" })
      }
      isDisabled={!canEdit}
    />
  );
}
