"use client";
/** Who is signed in, and the way out. */

import { useMutation } from "@tanstack/react-query";
import { LogOut } from "lucide-react";
import { asProblem } from "@/api/problem";
import { useSession, useStudio } from "@/api/studio";
import { Button } from "@/ui/button";

export function AccountIsland() {
  const { session } = useStudio();
  const state = useSession();
  const leave = useMutation({ mutationFn: () => session.signOut() });
  if (state.kind !== "signed_in") {
    return null;
  }
  const name = state.user.display_name;
  return (
    <div className="island pointer-events-auto flex h-12 items-center gap-2 px-2">
      <span
        aria-hidden
        className="grid size-8 place-items-center rounded-full bg-raise text-body font-semibold uppercase text-fg"
      >
        {[...name][0]}
      </span>
      <span className="hidden max-w-40 truncate text-body sm:inline" title={state.user.email}>
        {name}
      </span>
      {leave.error !== null && (
        <span role="alert" className="text-meta text-err-text">
          {asProblem(leave.error).detail}
        </span>
      )}
      <Button look="ghost" className="h-8 px-2" isBusy={leave.isPending} onClick={() => leave.mutate()}>
        {!leave.isPending && <LogOut aria-hidden className="size-4" />}
        <span className="sr-only sm:not-sr-only">Sign out</span>
      </Button>
    </div>
  );
}
