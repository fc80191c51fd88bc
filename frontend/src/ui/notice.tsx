/** A page that has only something to say. */

import type { ReactNode } from "react";
import { Logo } from "@/ui/logo";

export function Notice({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <div className="island flex w-full max-w-md flex-col items-start gap-4 p-6 text-mut">
        <Logo />
        <h1 className="text-[20px] font-semibold leading-7 tracking-tight text-fg">{title}</h1>
        {children}
      </div>
    </main>
  );
}
