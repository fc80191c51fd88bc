"use client";
/** Naming a new project; it is opened as soon as it exists. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import type { FormEvent } from "react";
import { asProblem } from "@/api/problem";
import { createProject, projectsQuery } from "@/api/projects";
import { useStudio } from "@/api/studio";
import { Button } from "@/ui/button";
import { ProblemNotice } from "@/ui/problem-notice";
import { TextField } from "@/ui/text-field";

interface NewProjectFormProps {
  /** There is no project yet: the form is all that the page shows. */
  isFirst: boolean;
  onCancel: () => void;
}

export function NewProjectForm({ isFirst, onCancel }: NewProjectFormProps) {
  const { api } = useStudio();
  const queries = useQueryClient();
  const router = useRouter();
  const create = useMutation({
    mutationFn: (name: string) => createProject(api, name),
    onSuccess: (project) => {
      void queries.invalidateQueries({ queryKey: projectsQuery(api).queryKey, exact: true });
      router.push(`/canvas?project=${project.id}`);
    },
  });
  const problem = create.error === null ? null : asProblem(create.error);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const name = new FormData(event.currentTarget).get("name");
    if (typeof name === "string" && name.trim()) {
      create.mutate(name.trim());
    }
  }

  return (
    <form onSubmit={submit} className="island flex animate-appear flex-col gap-4 p-5">
      {isFirst && (
        <div className="flex flex-col gap-1">
          <h2 className="text-[16px] font-semibold leading-6 tracking-tight">Begin with a name</h2>
          <p className="text-mut">A project holds one canvas with its pictures, prompts and videos.</p>
        </div>
      )}
      <div className="flex flex-wrap items-start gap-3">
        <TextField
          label="Name of the project"
          name="name"
          placeholder="Lighthouse teaser"
          required
          maxLength={200}
          autoComplete="off"
          // The person has just asked for this field.
          autoFocus={!isFirst}
          fault={problem?.faultOf("name")}
          className="min-w-52 flex-1"
          onKeyDown={(event) => {
            if (event.key === "Escape" && !isFirst) {
              onCancel();
            }
          }}
        />
        <div className="mt-[26px] flex gap-2">
          <Button look="primary" type="submit" className="h-10" isBusy={create.isPending || create.isSuccess}>
            Create project
          </Button>
          {!isFirst && (
            <Button look="ghost" className="h-10" onClick={onCancel}>
              Cancel
            </Button>
          )}
        </div>
      </div>
      {problem !== null && problem.faults.length === 0 && <ProblemNotice problem={problem} />}
    </form>
  );
}
