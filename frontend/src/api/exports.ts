/** Films: several takes as one video, made by a job on the server. */

import { queryOptions } from "@tanstack/react-query";
import { type ApiClient, answered } from "@/api/client";
import { projectKey } from "@/api/projects";
import type { components } from "@/api/schema";

export type Export = components["schemas"]["ExportAnswer"];
export type Resolution = Export["resolution"];

/** What is to be exported: takes, in the order of the film. */
export interface ExportOrder {
  takeIds: readonly string[];
  resolution: Resolution;
}

/** How often one looks while a film is made. That it ended, the project's events tell. */
const LOOK_MS = 2_000;

export function isUnderWay({ state }: Pick<Export, "state">): boolean {
  return state === "queued" || state === "running";
}

/** The latest films of a project, newest first. */
export function exportsQuery(api: ApiClient, projectId: string) {
  return queryOptions({
    queryKey: projectKey.exports(projectId),
    queryFn: () =>
      answered(api.GET("/api/projects/{project_id}/exports", { params: { path: { project_id: projectId } } })),
    refetchInterval: ({ state }) => (state.data?.some(isUnderWay) ? LOOK_MS : false),
  });
}

/** Have a film made; throws Problem. `key` names the click: the same one never starts a second film. */
export function startExport(api: ApiClient, projectId: string, order: ExportOrder, key: string): Promise<Export> {
  const params = { path: { project_id: projectId }, header: { "Idempotency-Key": key } };
  const film = { kind: "takes" as const, take_ids: [...order.takeIds] };
  return answered(
    api.POST("/api/projects/{project_id}/exports", { params, body: { film, resolution: order.resolution } }),
  );
}

/** Stop a film; one that has ended stays as it ended. */
export function cancelExport(api: ApiClient, projectId: string, exportId: string): Promise<Export> {
  const params = { path: { project_id: projectId, export_id: exportId } };
  return answered(api.POST("/api/projects/{project_id}/exports/{export_id}/cancel", { params }));
}
