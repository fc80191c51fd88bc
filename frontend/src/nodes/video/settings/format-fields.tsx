"use client";
/** Duration, resolution, shape and number of the clips: what the model makes, and of that what fits together. */

import { aspectChoices, type Choice, durationChoices, resolutionChoices } from "@/nodes/video/capabilities";
import { CorrectionNote } from "@/nodes/video/settings/note";
import type { VideoSettingsForm } from "@/nodes/video/settings/use-video-settings";
import { cn } from "@/ui/class-names";
import { Segmented, type SegmentedOption } from "@/ui/segmented";
import { Slider } from "@/ui/slider";

export function FormatFields({ form }: { form: VideoSettingsForm }) {
  const { config, model, wired, canEdit, change } = form;
  const { inputs } = wired;
  return (
    <div className="flex flex-col gap-4">
      <div className="flex gap-3">
        {inputs.video === null && (
          <Segmented
            label="Duration"
            className="flex-1"
            options={durationChoices(model, inputs).map((choice) => option(choice, `${choice.value} s`))}
            value={String(config.duration_seconds)}
            onChange={(value) => change("change duration", { duration_seconds: Number(value) }, { section: "format" })}
            isDisabled={!canEdit}
          />
        )}
        <Segmented
          label="Resolution"
          className="flex-1"
          options={resolutionChoices(model, config, inputs).map((choice) =>
            option(choice, resolutionWords(choice.value)),
          )}
          value={config.resolution}
          onChange={(resolution) => change("change resolution", { resolution }, { section: "format" })}
          isDisabled={!canEdit}
        />
      </div>
      <Segmented
        label="Aspect ratio"
        look="tiles"
        options={aspectChoices(model, inputs).map((choice) => ({
          ...option(choice, choice.value),
          icon: <Shape ratio={choice.value} />,
        }))}
        value={config.aspect_ratio}
        onChange={(value) => change("change aspect ratio", { aspect_ratio: value }, { section: "format" })}
        isDisabled={!canEdit}
      />
      <CorrectionNote form={form} section="format" />
      <Misfit form={form} />
      {inputs.video === null && model.max_samples > 1 && (
        <Slider
          label="Samples"
          value={config.samples}
          min={1}
          max={model.max_samples}
          onChange={(samples) => change("change samples", { samples }, { section: "format", mergeKey: "samples" })}
          isDisabled={!canEdit}
        />
      )}
    </div>
  );
}

/** Settings that a wire or another person has made impossible: they are mended by one click, never behind anybody's back. */
function Misfit({ form }: { form: VideoSettingsForm }) {
  if (form.misfits.length === 0) {
    return null;
  }
  return (
    <div role="alert" className="flex flex-col items-start gap-2 rounded-input bg-warn/10 p-3 text-body">
      <p>{misfitWords(form)}</p>
      {form.canEdit && (
        <button
          type="button"
          onClick={() => form.change("make settings fit", {}, { section: "format" })}
          className="rounded-input bg-raise px-3 py-1 text-body hover:opacity-90"
        >
          Make them fit
        </button>
      )}
    </div>
  );
}

function misfitWords({ misfits }: VideoSettingsForm): string {
  // "... 8 s long: the duration is now 8 s." tells of a correction; before it is made, only its reason is true.
  const reasons = misfits.map((note) => note.split(":", 1)[0]);
  return `These settings do not fit: ${reasons.join("; ")}.`;
}

function option({ value, obstacle }: Choice<string | number>, label: string): SegmentedOption {
  return { value: String(value), label, ...(obstacle === undefined ? {} : { obstacle }) };
}

function resolutionWords(resolution: string): string {
  return resolution === "4k" ? "4K" : resolution;
}

/** A frame of that shape. */
function Shape({ ratio }: { ratio: string }) {
  return (
    <span
      aria-hidden
      className={cn("block rounded-[3px] border-[1.5px] border-current", ratio === "9:16" ? "h-4 w-2.5" : "h-3 w-5")}
    />
  );
}
