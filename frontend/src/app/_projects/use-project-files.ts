"use client";
/** Projects as files: exporting one, and duplicating it by way of its workflow. */

import { useQueryClient } from "@tanstack/react-query";
import { asProblem } from "@/api/problem";
import { createProject, exportProject, type Project, projectsQuery } from "@/api/projects";
import { useStudio } from "@/api/studio";
import { downloadWorkflow, fileNameOf, nameOfCopy } from "@/api/workflow-file";
import { toast } from "@/ui/toaster";

/** What can be done with a project at once; how it ended is said in a toast. */
export function useProjectFiles(projects: readonly Project[]) {
  const { api } = useStudio();
  const queries = useQueryClient();
  return {
    async exportToFile(project: Project): Promise<void> {
      try {
        downloadWorkflow(await exportProject(api, project.id), fileNameOf(project.name));
      } catch (thrown) {
        tell(`“${project.name}” was not exported.`, thrown);
      }
    },
    async duplicate(project: Project): Promise<void> {
      try {
        const name = nameOfCopy(project.name, new Set(projects.map((other) => other.name)));
        const copy = await createProject(api, name, await exportProject(api, project.id));
        await queries.invalidateQueries({ queryKey: projectsQuery(api).queryKey, exact: true });
        toast.done(`“${copy.name}” is there.`, { description: "Pictures and videos stayed with the original." });
      } catch (thrown) {
        tell(`“${project.name}” was not duplicated.`, thrown);
      }
    },
  };
}

function tell(what: string, thrown: unknown): void {
  const { detail, advice } = asProblem(thrown);
  toast.problem(what, { description: [detail, advice].filter(Boolean).join(" ") });
}
