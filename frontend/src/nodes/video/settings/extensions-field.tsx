"use client";
/** Makes the video longer: how many extensions, the words of each, and the whole chain as a strip. */

import { Minus, Plus } from "lucide-react";
import { useProject } from "@/live/project-context";
import { useNodeMoment } from "@/live/status-store";
import { useEstimate } from "@/nodes/estimate/use-estimate";
import { dollars } from "@/nodes/money";
import { durationWords } from "@/nodes/progress";
import { LONGEST_PROMPT } from "@/nodes/prompt/prompt-config";
import { DraftTextArea } from "@/nodes/settings/draft-text-area";
import { mostExtensions } from "@/nodes/video/capabilities";
import { ChainStrip } from "@/nodes/video/settings/chain-strip";
import { CorrectionNote } from "@/nodes/video/settings/note";
import { clipStateWords, type StripClip, stripOf, stripSeconds } from "@/nodes/video/settings/strip";
import type { VideoSettingsForm } from "@/nodes/video/settings/use-video-settings";
import { EXTENSION_SECONDS } from "@/nodes/video/video-config";

export function ExtensionsField({ form }: { form: VideoSettingsForm }) {
  const { config, model, wired, mostExtensions: ofOneVideo } = form;
  const clips = useStrip(form);
  const count = config.extensions.length;
  if (mostExtensions(model, wired.inputs, ofOneVideo) === 0 && count === 0) {
    return null;
  }
  return (
    <section aria-label="Extensions" className="flex flex-col gap-3">
      <Stepper form={form} />
      {(count > 0 || wired.inputs.video !== null) && (
        <>
          <ChainStrip clips={clips} goesOnFrom={wired.sources.get("video")?.[0]?.source.title ?? null} />
          <p className="text-meta text-mut tabular-nums">
            {wired.inputs.video === null
              ? `${durationWords(stripSeconds(clips))} in all`
              : `${durationWords(stripSeconds(clips))} more`}
          </p>
        </>
      )}
      <CorrectionNote form={form} section="extensions" />
      <ol className="flex flex-col gap-3">
        {config.extensions.map((extension, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: extensions have no identity but their place in the chain.
          <li key={index}>
            <ExtensionPrompt form={form} index={index} prompt={extension.prompt} clip={clips[index + 1]} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function useStrip({ nodeId, config, wired }: VideoSettingsForm): StripClip[] {
  const { statuses } = useProject();
  const { status } = useNodeMoment(statuses, nodeId);
  const estimate = useEstimate({ scope: "node", nodeId, force: false });
  const steps = estimate.kind === "known" && !estimate.isOld ? estimate.estimate.steps : null;
  return stripOf({ nodeId, config, wired: wired.inputs, steps, status });
}

/** Adds an extension, and takes the last one away. */
function Stepper({ form }: { form: VideoSettingsForm }) {
  const { config, model, wired, canEdit, change } = form;
  const { extensions } = config;
  const most = mostExtensions(model, wired.inputs, form.mostExtensions);
  const set = (next: typeof extensions) => change("change extensions", { extensions: next }, { section: "extensions" });
  return (
    <div className="flex items-center justify-between gap-3">
      <div>
        <h3 className="text-body text-mut">Extend</h3>
        <p className="text-dim text-meta">
          {EXTENSION_SECONDS} s each, {most} at most
        </p>
      </div>
      <div className="flex items-center rounded-input bg-field p-0.5 shadow-[inset_0_0_0_1px_var(--color-line)]">
        <StepButton
          label="Remove the last extension"
          icon={Minus}
          isDisabled={!canEdit || extensions.length === 0}
          onClick={() => set(extensions.slice(0, -1))}
        />
        <output aria-label="Extensions" className="min-w-8 text-center text-body tabular-nums">
          {extensions.length}
        </output>
        <StepButton
          label="Add an extension"
          icon={Plus}
          isDisabled={!canEdit || extensions.length >= most}
          onClick={() => set([...extensions, { prompt: null }])}
        />
      </div>
    </div>
  );
}

interface StepButtonProps {
  label: string;
  icon: typeof Plus;
  isDisabled: boolean;
  onClick: () => void;
}

function StepButton({ label, icon: Icon, isDisabled, onClick }: StepButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      disabled={isDisabled}
      onClick={onClick}
      className="grid size-8 place-items-center rounded-[8px] text-mut hover:bg-raise hover:text-fg disabled:opacity-40 disabled:hover:bg-transparent"
    >
      <Icon aria-hidden className="size-4" />
    </button>
  );
}

interface ExtensionPromptProps {
  form: VideoSettingsForm;
  index: number;
  prompt: string | null;
  clip: StripClip | undefined;
}

function ExtensionPrompt({ form, index, prompt, clip }: ExtensionPromptProps) {
  const { config, canEdit, change } = form;
  function write(words: string): void {
    const extensions = config.extensions.map((known, place) =>
      place === index ? { prompt: words === "" ? null : words } : known,
    );
    change("change extension", { extensions }, { mergeKey: `extension-${index}` });
  }
  return (
    <DraftTextArea
      label={`Extension ${index + 1}`}
      aside={<span className="text-dim text-meta tabular-nums">{clip && clipWords(clip)}</span>}
      rows={1}
      className="gap-1.5 [&>textarea]:min-h-10"
      value={prompt ?? ""}
      maxLength={LONGEST_PROMPT}
      placeholder="Empty: as the prompt says"
      onCommit={write}
      isDisabled={!canEdit}
    />
  );
}

/** "new · $2.80" */
function clipWords({ state, costMicrousd }: StripClip): string {
  return [clipStateWords(state), costMicrousd ? dollars(costMicrousd) : ""].filter(Boolean).join(" · ");
}
