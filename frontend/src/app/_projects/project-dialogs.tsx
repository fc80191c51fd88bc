"use client";
/** The windows that ask before something is done to a project. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { asProblem } from "@/api/problem";
import { deleteProject, type Project, projectsQuery, renameProject } from "@/api/projects";
import { useStudio } from "@/api/studio";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ProblemNotice } from "@/ui/problem-notice";
import { TextField } from "@/ui/text-field";

interface ProjectDialogProps {
  project: Project;
  onClose: () => void;
}

/** Runs `change`, then asks for the list anew and closes the window. */
function useProjectChange<T>(change: (input: T) => Promise<unknown>, onClose: () => void) {
  const { api } = useStudio();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: projectsQuery(api).queryKey, exact: true });
      onClose();
    },
  });
}

export function RenameDialog({ project, onClose }: ProjectDialogProps) {
  const { api } = useStudio();
  const rename = useProjectChange((name: string) => renameProject(api, project.id, name), onClose);
  const problem = rename.error === null ? null : asProblem(rename.error);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const typed = new FormData(event.currentTarget).get("name");
    const name = typeof typed === "string" ? typed.trim() : "";
    if (name === project.name) {
      onClose();
    } else if (name) {
      rename.mutate(name);
    }
  }

  return (
    <Dialog title="Rename the project" isOpen onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <TextField
          label="Name"
          name="name"
          defaultValue={project.name}
          required
          maxLength={200}
          autoComplete="off"
          // The window would focus its cross.
          autoFocus
          onFocus={(event) => event.target.select()}
          fault={problem?.faultOf("name")}
        />
        {problem !== null && problem.faults.length === 0 && <ProblemNotice problem={problem} />}
        <div className="flex justify-end gap-2">
          <Button look="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button look="primary" type="submit" isBusy={rename.isPending}>
            Rename
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

export function DeleteDialog({ project, onClose }: ProjectDialogProps) {
  const { api } = useStudio();
  const remove = useProjectChange(() => deleteProject(api, project.id), onClose);
  const nodes = project.node_count === 1 ? "its one node" : `its ${project.node_count} nodes`;
  return (
    <Dialog
      title={`Delete “${project.name}”?`}
      description={`This deletes the canvas with ${nodes}, every uploaded picture, every rendered video and the characters made from them, for everybody who works on it. It cannot be undone.`}
      isOpen
      onClose={onClose}
    >
      <div className="flex flex-col gap-4">
        {remove.error !== null && <ProblemNotice problem={asProblem(remove.error)} />}
        <div className="flex justify-end gap-2">
          <Button look="ghost" onClick={onClose}>
            Keep it
          </Button>
          <Button
            className="bg-err/16 font-medium text-err-text hover:bg-err/24"
            isBusy={remove.isPending}
            onClick={() => remove.mutate(undefined)}
          >
            Delete project
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
