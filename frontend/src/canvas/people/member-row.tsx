"use client";
/** One person in the project, and for its owner, what can be changed about that. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { UserMinus } from "lucide-react";
import { changeMember, type GivenRole, type Member, membersQuery, removeMember } from "@/api/members";
import { asProblem } from "@/api/problem";
import { useStudio } from "@/api/studio";
import { RoleChoice } from "@/canvas/people/role-choice";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { ProblemNotice } from "@/ui/problem-notice";

interface MemberRowProps {
  projectId: string;
  member: Member;
  isSelf: boolean;
  mayChange: boolean;
}

export function MemberRow({ projectId, member, isSelf, mayChange }: MemberRowProps) {
  const { display_name: name, email, role } = member;
  return (
    <li className="flex flex-wrap items-center gap-3 rounded-input px-1 py-1.5">
      <span
        aria-hidden
        className="grid size-9 shrink-0 place-items-center rounded-full bg-raise font-semibold text-body uppercase"
      >
        {[...name][0]}
      </span>
      <span className="flex min-w-32 flex-1 flex-col">
        <span className="truncate text-title">
          {name}
          {isSelf && <span className="font-normal text-dim"> (you)</span>}
        </span>
        <span className="truncate text-dim text-meta">{email}</span>
      </span>
      {mayChange && role !== "owner" ? (
        <MemberControls projectId={projectId} member={member} role={role} />
      ) : (
        <Chip className="capitalize">{role}</Chip>
      )}
    </li>
  );
}

interface MemberControlsProps {
  projectId: string;
  member: Member;
  role: GivenRole;
}

function MemberControls({ projectId, member, role }: MemberControlsProps) {
  const { api } = useStudio();
  const queries = useQueryClient();
  const reload = () => queries.invalidateQueries({ queryKey: membersQuery(api, projectId).queryKey });
  const change = useMutation({
    mutationFn: (next: GivenRole) => changeMember(api, projectId, member.user_id, next),
    onSettled: reload,
  });
  const remove = useMutation({
    mutationFn: () => removeMember(api, projectId, member.user_id),
    onSettled: reload,
  });
  const error = change.error ?? remove.error;
  return (
    <>
      <RoleChoice
        label={`What ${member.display_name} may do`}
        role={change.isPending ? change.variables : role}
        onChange={change.mutate}
        isDisabled={change.isPending || remove.isPending}
      />
      <Button
        look="ghost"
        aria-label={`Remove ${member.display_name}`}
        className="w-9 px-0"
        isBusy={remove.isPending}
        onClick={() => remove.mutate()}
      >
        {!remove.isPending && <UserMinus aria-hidden className="size-4" />}
      </Button>
      {error !== null && <ProblemNotice problem={asProblem(error)} className="w-full" />}
    </>
  );
}
