"use client";
/** Letting somebody into the project, by the e-mail address of their account. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { addMember, type GivenRole, membersQuery } from "@/api/members";
import { asProblem } from "@/api/problem";
import { useStudio } from "@/api/studio";
import { RoleChoice } from "@/canvas/people/role-choice";
import { Button } from "@/ui/button";
import { ProblemNotice } from "@/ui/problem-notice";
import { TextField } from "@/ui/text-field";

export function AddMemberForm({ projectId }: { projectId: string }) {
  const { api } = useStudio();
  const queries = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const [role, setRole] = useState<GivenRole>("editor");
  const add = useMutation({
    mutationFn: (email: string) => addMember(api, projectId, email, role),
    onSuccess: async () => {
      form.current?.reset();
      await queries.invalidateQueries({ queryKey: membersQuery(api, projectId).queryKey });
    },
  });
  const problem = add.error === null ? null : asProblem(add.error);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const email = new FormData(event.currentTarget).get("email");
    if (typeof email === "string" && email.trim()) {
      add.mutate(email.trim());
    }
  }

  return (
    <form ref={form} onSubmit={submit} className="flex flex-col gap-3">
      <div className="flex flex-wrap items-end gap-2">
        <TextField
          label="E-mail of their account"
          name="email"
          type="email"
          autoComplete="off"
          required
          fault={problem?.faultOf("email")}
          className="min-w-48 flex-1"
        />
        <RoleChoice label="What they may do" role={role} onChange={setRole} className="h-10" />
        <Button look="primary" type="submit" className="h-10" isBusy={add.isPending}>
          Add
        </Button>
      </div>
      {problem !== null && problem.faults.length === 0 && <ProblemNotice problem={problem} />}
    </form>
  );
}
