"use client";
/** The way in: signing in, or getting an account. */

import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { asProblem } from "@/api/problem";
import { useStudio } from "@/api/studio";
import { NodesPicture } from "@/app/_account/nodes-picture";
import { Button } from "@/ui/button";
import { Logo } from "@/ui/logo";
import { ProblemNotice } from "@/ui/problem-notice";
import { TextField } from "@/ui/text-field";

const SHORTEST_PASSWORD = 10; // services/core/accounts/service.py, Registration

type Purpose = "sign_in" | "register";

const WORDS: Record<Purpose, { title: string; submit: string; other: string; switch: string }> = {
  sign_in: { title: "Sign in", submit: "Sign in", other: "New here?", switch: "Create an account" },
  register: { title: "Create an account", submit: "Create account", other: "Have an account?", switch: "Sign in" },
};

export function SignIn() {
  const [purpose, setPurpose] = useState<Purpose>("sign_in");
  const words = WORDS[purpose];
  return (
    <main className="grid min-h-dvh items-center justify-items-center gap-12 p-4 sm:p-8 lg:grid-cols-[minmax(0,1fr)_minmax(0,1.3fr)] xl:gap-20">
      <title>{`${words.title} · Reelgraph`}</title>
      <div className="flex w-full max-w-[380px] flex-col gap-7 lg:justify-self-end">
        <div className="flex items-center gap-3">
          <Logo className="size-9" />
          <span className="text-[17px] font-semibold tracking-tight">Reelgraph</span>
        </div>
        <section className="island flex flex-col gap-5 p-6">
          <div className="flex flex-col gap-1">
            <h1 className="text-[20px] font-semibold leading-7 tracking-tight">{words.title}</h1>
            <p className="text-mut">Wire pictures and words into video.</p>
          </div>
          <AccountForm key={purpose} purpose={purpose} />
          <p className="text-mut">
            {words.other}{" "}
            <button
              type="button"
              onClick={() => setPurpose(purpose === "sign_in" ? "register" : "sign_in")}
              className="rounded-sm text-fg underline decoration-line-strong underline-offset-4 hover:decoration-fg"
            >
              {words.switch}
            </button>
          </p>
        </section>
      </div>
      <div className="hidden flex-col gap-10 lg:flex lg:justify-self-start">
        <p className="max-w-[520px] text-balance font-semibold text-[30px] leading-[1.15] tracking-tight xl:text-[36px]">
          From one face to a finished shot, on one canvas.
        </p>
        <NodesPicture />
      </div>
    </main>
  );
}

function AccountForm({ purpose }: { purpose: Purpose }) {
  const { session } = useStudio();
  const enter = useMutation({
    mutationFn: (form: FormData) => {
      const credentials = { email: text(form, "email"), password: text(form, "password") };
      if (purpose === "sign_in") {
        return session.signIn(credentials);
      }
      return session.register({ ...credentials, display_name: text(form, "display_name").trim() || null });
    },
  });
  const problem = enter.error === null ? null : asProblem(enter.error);
  const isRegistering = purpose === "register";

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    enter.mutate(new FormData(event.currentTarget));
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {isRegistering && (
        <TextField
          label="Name"
          name="display_name"
          autoComplete="name"
          maxLength={80}
          hint="How others see you. You may leave it empty."
          fault={problem?.faultOf("display_name")}
        />
      )}
      <TextField
        label="E-mail"
        name="email"
        type="email"
        autoComplete="username"
        required
        fault={problem?.faultOf("email")}
      />
      <TextField
        label="Password"
        name="password"
        type="password"
        autoComplete={isRegistering ? "new-password" : "current-password"}
        required
        minLength={isRegistering ? SHORTEST_PASSWORD : undefined}
        maxLength={256}
        hint={isRegistering ? `At least ${SHORTEST_PASSWORD} characters.` : undefined}
        fault={problem?.faultOf("password")}
      />
      {problem !== null && problem.faults.length === 0 && <ProblemNotice problem={problem} />}
      <Button look="primary" type="submit" isBusy={enter.isPending} className="h-10">
        {WORDS[purpose].submit}
      </Button>
    </form>
  );
}

function text(form: FormData, field: string): string {
  const value = form.get(field);
  return typeof value === "string" ? value : "";
}
