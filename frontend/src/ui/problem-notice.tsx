/** A problem in words: what happened, and what to do about it. */

import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "@/ui/class-names";

interface ProblemNoticeProps {
  problem: { detail: string; advice: string };
  /** What can be done about it here. */
  children?: ReactNode;
  className?: string;
}

export function ProblemNotice({ problem, children, className }: ProblemNoticeProps) {
  return (
    <div
      role="alert"
      className={cn(
        "flex gap-2.5 rounded-media bg-err/10 p-3 text-body shadow-[inset_0_0_0_1px_color-mix(in_oklab,var(--color-err)_35%,transparent)]",
        className,
      )}
    >
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-err-text" />
      <div className="flex min-w-0 flex-col gap-0.5">
        <p className="font-medium text-fg">{problem.detail}</p>
        {problem.advice && <p className="text-mut">{problem.advice}</p>}
        {children && <div className="mt-2 flex flex-wrap gap-2">{children}</div>}
      </div>
    </div>
  );
}
