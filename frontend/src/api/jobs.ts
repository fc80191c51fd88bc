/** Paid work one piece at a time: have it begin, stop it, do it once more. */

import { type ApiClient, answered } from "@/api/client";
import type { components } from "@/api/schema";

export type Job = components["schemas"]["JobAnswer"];

/** Stop a job: at once where nothing was sent, else at the next look at the provider. Throws Problem. */
export function cancelJob(api: ApiClient, jobId: string): Promise<Job> {
  return answered(api.POST("/api/jobs/{job_id}/cancel", { params: { path: { job_id: jobId } } }));
}

/**
 * Do a job that ended badly once more, as a new job, with everything that waited for it. `key`: a new UUID for each click, the same
 * one where a request is repeated. Throws Problem.
 */
export function retryJob(api: ApiClient, jobId: string, key: string): Promise<Job> {
  const params = { path: { job_id: jobId }, header: { "Idempotency-Key": key } };
  return answered(api.POST("/api/jobs/{job_id}/retry", { params }));
}

/** Have Gemini enhance the text that the server has of a prompt node. `key` as for retryJob. Throws Problem. */
export function enhancePrompt(
  api: ApiClient,
  { projectId, nodeId, key }: { projectId: string; nodeId: string; key: string },
): Promise<Job> {
  const params = { header: { "Idempotency-Key": key } };
  return answered(api.POST("/api/ai/enhance-prompt", { params, body: { project_id: projectId, node_id: nodeId } }));
}
