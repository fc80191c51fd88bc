/** A project's money in millionths of a US dollar: what may be spent, what was paid, set aside, and perhaps billed. */

import { queryOptions } from "@tanstack/react-query";
import { type ApiClient, answered } from "@/api/client";
import { projectKey } from "@/api/projects";
import type { components } from "@/api/schema";

export type Money = components["schemas"]["MoneyAnswer"];

/** The money of a project as it is now. */
export function moneyQuery(api: ApiClient, projectId: string) {
  const params = { path: { project_id: projectId } };
  return queryOptions({
    queryKey: projectKey.money(projectId),
    queryFn: () => answered(api.GET("/api/projects/{project_id}/money", { params })),
  });
}

/** Say how much the project may spend in all; only its owner may. Throws Problem. */
export function setSpendingLimit(api: ApiClient, projectId: string, limitMicrousd: number): Promise<Money> {
  const params = { path: { project_id: projectId } };
  return answered(
    api.PUT("/api/projects/{project_id}/spending-limit", { params, body: { spending_limit_microusd: limitMicrousd } }),
  );
}

/** What is left to spend: the limit without what was paid, set aside, or perhaps billed. */
export function leftMicrousd(money: Money): number {
  const { spending_limit_microusd, captured_microusd, reserved_microusd, uncertain_microusd } = money;
  return Math.max(0, spending_limit_microusd - captured_microusd - reserved_microusd - uncertain_microusd);
}
