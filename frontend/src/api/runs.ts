/** Runs: what one would do and cost, starting and stopping them, and the jobs they consist of. */

import { queryOptions } from "@tanstack/react-query";
import { type ApiClient, answered } from "@/api/client";
import { asProblem } from "@/api/problem";
import { projectKey } from "@/api/projects";
import type { components } from "@/api/schema";

export type Run = components["schemas"]["RunAnswer"];
export type Job = components["schemas"]["JobAnswer"];
export type Estimate = components["schemas"]["EstimateAnswer"];
export type EstimateStep = components["schemas"]["EstimateStep"];

/** What to run. `from`: a node and all that follows from it. */
export type RunScope = { scope: "all" } | { scope: "node" | "from"; nodeId: string };
/** `force` pays again for clips that exist already. */
export type RunOrder = RunScope & { force: boolean };

/** Jobs asked for beside those of the runs under way: others may have started work in between. */
const MORE_JOBS = 50;
/** As many as the api tells at once. */
const MOST_JOBS = 1_000;
/** How often a request that got no answer is sent again, under the same key: the work starts once. */
const MOST_REPETITIONS = 2;
const REPETITION_DELAY_MS = 400;

/** What is beside the scope in an order, as the api has it. */
function orderBody(order: RunOrder) {
  const { scope, force } = order;
  return { scope, force, node_id: order.scope === "all" ? null : order.nodeId };
}

/** Every estimate of a project: its price moves with the work, as its money does. */
export function estimatesKey(projectId: string): readonly unknown[] {
  return [...projectKey.money(projectId), "estimate"];
}

/** What a run would do and cost. `revision` says which graph was meant: another one makes another question. */
export function estimateQuery(api: ApiClient, projectId: string, order: RunOrder, revision: number) {
  const body = { project_id: projectId, ...orderBody(order) };
  return queryOptions({
    queryKey: [...estimatesKey(projectId), body.scope, body.node_id, body.force, revision],
    queryFn: () => answered(api.POST("/api/ai/estimate", { body })),
    gcTime: 30_000,
  });
}

/** The latest runs of a project, newest first. */
export function runsQuery(api: ApiClient, projectId: string) {
  return queryOptions({
    queryKey: projectKey.runs(projectId),
    queryFn: () =>
      answered(api.GET("/api/projects/{project_id}/runs", { params: { path: { project_id: projectId } } })),
  });
}

/** The latest jobs of a project, newest first: those of runs with so many clips, and some more. */
export function jobsQuery(api: ApiClient, projectId: string, clips: number) {
  const query = { project_id: projectId, limit: Math.min(clips + MORE_JOBS, MOST_JOBS) };
  return queryOptions({
    queryKey: [...projectKey.jobs(projectId), "latest", query.limit],
    queryFn: () => answered(api.GET("/api/jobs", { params: { query } })),
  });
}

/** The jobs of one node, newest first. */
export function nodeJobsQuery(api: ApiClient, projectId: string, nodeId: string) {
  const query = { project_id: projectId, node_id: nodeId };
  return queryOptions({
    queryKey: [...projectKey.jobs(projectId), "node", nodeId],
    queryFn: () => answered(api.GET("/api/jobs", { params: { query } })),
  });
}

/** Start a run; throws Problem. `key` names the click: the same one never starts a second run. */
export function startRun(api: ApiClient, projectId: string, order: RunOrder, key: string): Promise<Run> {
  const params = { path: { project_id: projectId }, header: { "Idempotency-Key": key } };
  return repeated(() => answered(api.POST("/api/projects/{project_id}/runs", { params, body: orderBody(order) })));
}

/** Stop a run: what was not sent costs nothing; what was sent may still be billed, and is kept if it arrives. */
export function cancelRun(api: ApiClient, projectId: string, runId: string): Promise<Run> {
  const params = { path: { project_id: projectId, run_id: runId } };
  return answered(api.POST("/api/projects/{project_id}/runs/{run_id}/cancel", { params }));
}

/** Send again what got no answer. Only for requests under a key, which the server does once however often they come. */
async function repeated<T>(send: () => Promise<T>): Promise<T> {
  for (let repetition = 0; ; repetition++) {
    try {
      return await send();
    } catch (thrown) {
      if (!asProblem(thrown).isPassing || repetition >= MOST_REPETITIONS) {
        throw asProblem(thrown);
      }
      await new Promise((resolve) => setTimeout(resolve, REPETITION_DELAY_MS * 2 ** repetition));
    }
  }
}

/** Where a job is, as people see it. */
export type JobStage = "waiting" | "queued" | "at_work" | "succeeded" | "failed" | "blocked" | "cancelled" | "unknown";

const STAGE_OF: Readonly<Record<string, JobStage>> = {
  waiting: "waiting",
  queued: "queued",
  submitted: "at_work",
  polling: "at_work",
  settling: "at_work",
  succeeded: "succeeded",
  failed: "failed",
  blocked: "blocked",
  cancelled: "cancelled",
};

/** services/core/jobs/states.py; a state that a later release brings is unknown. */
export function jobStage({ state }: Pick<Job, "state">): JobStage {
  return STAGE_OF[state] ?? "unknown";
}
