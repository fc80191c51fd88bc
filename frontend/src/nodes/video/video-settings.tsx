"use client";
/** The settings of a video node in the inspector: what its model can do, and no more. */

import type { NodeViewProps } from "@/nodes/node-type";
import { ExtensionsField } from "@/nodes/video/settings/extensions-field";
import { FormatFields } from "@/nodes/video/settings/format-fields";
import { InputsField } from "@/nodes/video/settings/inputs-field";
import { ModelField } from "@/nodes/video/settings/model-field";
import { NegativePromptField, PromptField } from "@/nodes/video/settings/prompt-field";
import { SeedField } from "@/nodes/video/settings/seed-field";
import { useVideoSettings, type VideoSettingsForm } from "@/nodes/video/settings/use-video-settings";
import { Button } from "@/ui/button";
import { ProblemNotice } from "@/ui/problem-notice";
import { Segmented } from "@/ui/segmented";
import { Switch } from "@/ui/switch";

export function VideoSettings({ node }: NodeViewProps) {
  const state = useVideoSettings(node);
  switch (state.kind) {
    case "loading":
      return <p className="text-mut">Asking what the models can do…</p>;
    case "failed":
      return (
        <ProblemNotice problem={state.problem}>
          <Button onClick={state.retry}>Try again</Button>
        </ProblemNotice>
      );
    case "ready":
      return <Fields form={state.form} />;
  }
}

function Fields({ form }: { form: VideoSettingsForm }) {
  return (
    <div className="flex flex-col gap-5">
      <ModelField form={form} />
      <PromptField form={form} />
      <InputsField form={form} />
      <FormatFields form={form} />
      <ExtensionsField form={form} />
      <SeedField form={form} />
      <NegativePromptField form={form} />
      <Switch
        label="Sound"
        isOn={form.config.generate_audio}
        onChange={(isOn) => form.change(isOn ? "add sound" : "leave out sound", { generate_audio: isOn })}
        isDisabled={!form.canEdit}
      />
      <PeopleField form={form} />
    </div>
  );
}

const PEOPLE = [
  { value: "dont_allow", label: "None" },
  { value: "allow_adult", label: "Adults" },
  { value: "allow_all", label: "All ages" },
] as const;

/** Whom the provider may show. */
function PeopleField({ form }: { form: VideoSettingsForm }) {
  return (
    <Segmented
      label="People"
      options={PEOPLE}
      value={form.config.person_generation}
      onChange={(value) => {
        const chosen = PEOPLE.find((choice) => choice.value === value);
        if (chosen) {
          form.change("change who may be shown", { person_generation: chosen.value });
        }
      }}
      isDisabled={!form.canEdit}
    />
  );
}
