"use client";
/** Shows a page to who is signed in, and the way in to everybody else, at the same address. */

import type { ReactNode } from "react";
import { useSession, useStudio } from "@/api/studio";
import { Button } from "@/ui/button";
import { lazily } from "@/ui/lazily";
import { Notice } from "@/ui/notice";
import { ProblemNotice } from "@/ui/problem-notice";
import { Spinner } from "@/ui/spinner";

/** Who is signed in has no use for it. */
const SignIn = lazily(async () => (await import("@/app/_account/sign-in")).SignIn);

export function SessionGate({ children }: { children: ReactNode }) {
  const state = useSession();
  const { session } = useStudio();
  switch (state.kind) {
    case "restoring":
      return (
        <main className="grid min-h-dvh place-items-center text-mut">
          <p role="status" className="flex items-center gap-2 delay-300 starting:opacity-0 transition-opacity">
            <Spinner /> Opening the studio
          </p>
        </main>
      );
    case "unreachable":
      return (
        <Notice title="The studio cannot be opened">
          <ProblemNotice problem={state.problem} className="w-full">
            <Button onClick={() => session.restore()}>Try again</Button>
          </ProblemNotice>
        </Notice>
      );
    case "signed_out":
      return <SignIn />;
    case "signed_in":
      return children;
  }
}
