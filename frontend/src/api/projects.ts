/** Projects as the api holds them: the list, and one with its whole graph. */

import { queryOptions } from "@tanstack/react-query";
import { type ApiClient, answered } from "@/api/client";
import { problemOfAnswer } from "@/api/problem";
import type { components } from "@/api/schema";

export type Project = components["schemas"]["ProjectAnswer"];
/** A graph as a file (schemas/workflow.json): only the server reads and judges what is in it. */
export type WorkflowFile = { readonly [field: string]: unknown };
export type OpenProject = components["schemas"]["OpenProject"];

/** The keys of what is asked about one project, so that its events can make the answers old. */
export const projectKey = {
  assets: (projectId: string) => ["projects", projectId, "assets"],
  takes: (projectId: string) => ["projects", projectId, "takes"],
  characters: (projectId: string) => ["projects", projectId, "characters"],
  jobs: (projectId: string) => ["projects", projectId, "jobs"],
  runs: (projectId: string) => ["projects", projectId, "runs"],
  exports: (projectId: string) => ["projects", projectId, "exports"],
  money: (projectId: string) => ["projects", projectId, "money"],
} as const;

/** One's projects, last changed first. */
export function projectsQuery(api: ApiClient) {
  return queryOptions({ queryKey: ["projects"], queryFn: () => answered(api.GET("/api/projects")) });
}

/**
 * A project as it is now, with the revision from which the live feed goes on. Never refetched in the background: what is
 * shown is kept current by the feed, and a second copy would only be older.
 */
export function openProjectQuery(api: ApiClient, projectId: string) {
  return queryOptions({
    queryKey: ["projects", projectId],
    queryFn: () => answered(api.GET("/api/projects/{project_id}", { params: { path: { project_id: projectId } } })),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
}

/** Create a project of one's own, empty or from a workflow. */
export function createProject(api: ApiClient, name: string, workflow?: WorkflowFile): Promise<Project> {
  return answered(api.POST("/api/projects", { body: { name, workflow } }));
}

/** Give a project another name. */
export function renameProject(api: ApiClient, projectId: string, name: string): Promise<Project> {
  return answered(
    api.PATCH("/api/projects/{project_id}", { params: { path: { project_id: projectId } }, body: { name } }),
  );
}

/** The project's graph as a file: settings and wires, neither pictures nor results. */
export function exportProject(api: ApiClient, projectId: string): Promise<WorkflowFile> {
  return answered(api.GET("/api/projects/{project_id}/export", { params: { path: { project_id: projectId } } }));
}

/** Delete a project with everything in it; throws Problem while paid work is under way. */
export async function deleteProject(api: ApiClient, projectId: string): Promise<void> {
  const path = { project_id: projectId };
  const { error, response } = await api.DELETE("/api/projects/{project_id}", { params: { path } });
  if (!response.ok) {
    throw problemOfAnswer(response.status, error);
  }
}
