/** Projects as the api holds them: the list, and one with its whole graph. */

import { queryOptions } from "@tanstack/react-query";
import { type ApiClient, answered } from "@/api/client";
import type { components } from "@/api/schema";

export type Project = components["schemas"]["ProjectAnswer"];
export type OpenProject = components["schemas"]["OpenProject"];

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

/** Create an empty project. */
export function createProject(api: ApiClient, name: string): Promise<Project> {
  return answered(api.POST("/api/projects", { body: { name } }));
}
