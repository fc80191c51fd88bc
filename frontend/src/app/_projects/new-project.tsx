"use client";
/** A new project: its name and what it begins with. It is opened as soon as it exists. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { FileUp } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useRef, useState } from "react";
import { asProblem } from "@/api/problem";
import { createProject, projectsQuery, type WorkflowFile } from "@/api/projects";
import { useStudio } from "@/api/studio";
import { nameOfWorkflow, readWorkflow } from "@/api/workflow-file";
import { TemplateChoice } from "@/app/_projects/template-choice";
import { TEMPLATES } from "@/app/_projects/templates";
import { Button } from "@/ui/button";
import { cn } from "@/ui/class-names";
import { ProblemNotice } from "@/ui/problem-notice";
import { TextField } from "@/ui/text-field";

interface Beginning {
  name: string;
  workflow?: WorkflowFile;
}

interface NewProjectProps {
  /** There is no project yet: the form stands on the page by itself. */
  isFirst?: boolean;
}

export function NewProject({ isFirst = false }: NewProjectProps) {
  const [templateId, setTemplateId] = useState(TEMPLATES[0]?.id ?? "");
  const create = useCreation();
  const template = TEMPLATES.find(({ id }) => id === templateId);
  const defaultName = template?.workflow ? template.title : "Untitled project";
  const problem = create.error === null ? null : asProblem(create.error);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const typed = new FormData(event.currentTarget).get("name");
    const name = (typeof typed === "string" && typed.trim()) || defaultName;
    create.mutate(async () => ({ name, workflow: template?.workflow ?? undefined }));
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-5">
      <TextField
        label="Name of the project"
        name="name"
        placeholder={defaultName}
        maxLength={200}
        autoComplete="off"
        // The person has just asked for a new project.
        autoFocus={!isFirst}
        fault={problem?.faultOf("name")}
      />
      <TemplateChoice chosen={templateId} onChoose={setTemplateId} />
      {problem !== null && problem.faults.length === 0 && <ProblemNotice problem={problem} />}
      <div
        className={cn(
          "flex justify-between gap-3",
          // At the end of a window that scrolls: it is always in sight.
          !isFirst && "-mx-5 -mb-5 sticky bottom-0 border-line border-t bg-panel px-5 py-4",
        )}
      >
        <ImportButton
          isBusy={create.isPending || create.isSuccess}
          onFile={(file) =>
            create.mutate(async () => {
              const workflow = readWorkflow(await file.text());
              return { name: nameOfWorkflow(workflow, file.name), workflow };
            })
          }
        />
        <Button look="primary" type="submit" className="h-10 px-5" isBusy={create.isPending || create.isSuccess}>
          Create project
        </Button>
      </div>
    </form>
  );
}

/** Creates a project from what is still to be read, and goes there. */
function useCreation() {
  const { api } = useStudio();
  const queries = useQueryClient();
  const router = useRouter();
  return useMutation({
    mutationFn: async (read: () => Promise<Beginning>) => {
      const { name, workflow } = await read();
      return createProject(api, name, workflow);
    },
    onSuccess: (project) => {
      void queries.invalidateQueries({ queryKey: projectsQuery(api).queryKey, exact: true });
      router.push(`/canvas?project=${project.id}`);
    },
  });
}

function ImportButton({ isBusy, onFile }: { isBusy: boolean; onFile: (file: File) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        accept="application/json,.json"
        aria-label="Workflow file"
        className="hidden"
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = ""; // the same file again is a change, too
          if (file) {
            onFile(file);
          }
        }}
      />
      <Button className="h-10" disabled={isBusy} onClick={() => input.current?.click()}>
        <FileUp aria-hidden className="size-4 text-mut" />
        <span>
          Import<span className="max-sm:sr-only"> a workflow</span>
        </span>
      </Button>
    </>
  );
}
