/** Who may see and change a project. Only its owner changes that. */

import { queryOptions } from "@tanstack/react-query";
import { type ApiClient, answered } from "@/api/client";
import { problemOfAnswer } from "@/api/problem";
import type { components } from "@/api/schema";

export type Member = components["schemas"]["MemberAnswer"];
/** What an owner can make of somebody; there is one owner, who stays. */
export type GivenRole = components["schemas"]["NewMember"]["role"];

/** The members of a project, the longest there first. */
export function membersQuery(api: ApiClient, projectId: string) {
  return queryOptions({
    queryKey: ["projects", projectId, "members"],
    queryFn: () =>
      answered(api.GET("/api/projects/{project_id}/members", { params: { path: { project_id: projectId } } })),
  });
}

/** Let somebody in who has an account. */
export function addMember(api: ApiClient, projectId: string, email: string, role: GivenRole): Promise<Member> {
  const path = { project_id: projectId };
  return answered(api.POST("/api/projects/{project_id}/members", { params: { path }, body: { email, role } }));
}

/** Change what a member may do. */
export function changeMember(api: ApiClient, projectId: string, userId: string, role: GivenRole): Promise<Member> {
  const path = { project_id: projectId, user_id: userId };
  return answered(api.PATCH("/api/projects/{project_id}/members/{user_id}", { params: { path }, body: { role } }));
}

/** Shut somebody out. */
export async function removeMember(api: ApiClient, projectId: string, userId: string): Promise<void> {
  const path = { project_id: projectId, user_id: userId };
  const { error, response } = await api.DELETE("/api/projects/{project_id}/members/{user_id}", { params: { path } });
  if (!response.ok) {
    throw problemOfAnswer(response.status, error);
  }
}
