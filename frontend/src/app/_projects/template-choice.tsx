/** The templates as pictures to choose one from. */

import { Plus } from "lucide-react";
import { TEMPLATES, type Template } from "@/app/_projects/templates";
import { WorkflowPicture } from "@/app/_projects/workflow-picture";

interface TemplateChoiceProps {
  chosen: string;
  onChoose: (templateId: string) => void;
}

export function TemplateChoice({ chosen, onChoose }: TemplateChoiceProps) {
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-2 text-body text-mut">Begin with</legend>
      <div className="grid gap-3 sm:grid-cols-2">
        {TEMPLATES.map((template) => (
          <TemplateCard
            key={template.id}
            template={template}
            isChosen={template.id === chosen}
            onChoose={() => onChoose(template.id)}
          />
        ))}
      </div>
    </fieldset>
  );
}

interface TemplateCardProps {
  template: Template;
  isChosen: boolean;
  onChoose: () => void;
}

function TemplateCard({ template: { id, title, summary, workflow }, isChosen, onChoose }: TemplateCardProps) {
  return (
    <label className="group relative flex cursor-pointer items-center gap-3 rounded-media bg-field p-2 shadow-[inset_0_0_0_1px_var(--color-line)] transition-colors hover:bg-raise/50 has-checked:shadow-[inset_0_0_0_2px_var(--color-primary)] has-focus-visible:outline-2 has-focus-visible:outline-fg has-focus-visible:outline-offset-2 sm:flex-col sm:items-stretch">
      <input
        type="radio"
        name="template"
        value={id}
        checked={isChosen}
        onChange={onChoose}
        aria-label={title}
        aria-describedby={`template-${id}`}
        className="absolute size-px opacity-0"
      />
      <span className="canvas-dots block aspect-video w-28 shrink-0 sm:aspect-[21/10] overflow-hidden rounded-[9px] bg-bg p-2 sm:w-full">
        {workflow ? (
          <WorkflowPicture drawing={workflow} />
        ) : (
          <span className="grid size-full place-items-center rounded-[7px] border border-line-strong border-dashed text-dim">
            <Plus aria-hidden className="size-5" />
          </span>
        )}
      </span>
      <span className="flex min-w-0 flex-col gap-0.5 px-1 pb-1">
        <span aria-hidden className="text-title">
          {title}
        </span>
        <span id={`template-${id}`} className="text-meta text-mut">
          {summary}
        </span>
      </span>
    </label>
  );
}
