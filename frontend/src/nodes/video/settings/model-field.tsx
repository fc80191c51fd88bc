"use client";
/** Chooses the video model, by what it is good for, how long it takes and what it costs. */

import { Clapperboard } from "lucide-react";
import { dollars } from "@/nodes/money";
import { durationWords } from "@/nodes/progress";
import type { VideoModel } from "@/nodes/video/capabilities";
import { CorrectionNote } from "@/nodes/video/settings/note";
import type { VideoSettingsForm } from "@/nodes/video/settings/use-video-settings";
import { Select } from "@/ui/select";

export function ModelField({ form }: { form: VideoSettingsForm }) {
  const { model, models, config, isUnknownModel, canEdit, change } = form;
  return (
    <div className="flex flex-col gap-2">
      <Select
        label="Model"
        value={isUnknownModel ? (config.model ?? "") : model.id}
        options={models.map((choice) => ({
          value: choice.id,
          title: choice.stage === "ga" ? choice.name : `${choice.name} (preview)`,
          description: `${choice.summary} Usually ${durationWords(choice.expected_seconds)}.`,
          summary: `Usually ${durationWords(choice.expected_seconds)} · ${priceWords(choice, config.resolution)}`,
          aside: priceWords(choice, config.resolution),
        }))}
        onChange={(id) => change("change model", { model: id }, { section: "model" })}
        isDisabled={!canEdit}
        icon={
          <span className="grid size-8 shrink-0 place-items-center rounded-[8px] bg-type-video/14 text-type-video">
            <Clapperboard aria-hidden className="size-4" />
          </span>
        }
      />
      {isUnknownModel && (
        <p className="text-meta text-mut">
          The catalogue does not list this name. It may stand for a newer model; the settings below are those of{" "}
          {model.name}.
        </p>
      )}
      <CorrectionNote form={form} section="model" />
    </div>
  );
}

/** "$0.40/s" at the resolution, or from what the cheapest costs where the model does not make it. */
function priceWords({ price_microusd_per_second: prices }: VideoModel, resolution: string): string {
  const price = prices[resolution];
  return price === undefined ? `from ${dollars(Math.min(...Object.values(prices)))}/s` : `${dollars(price)}/s`;
}
