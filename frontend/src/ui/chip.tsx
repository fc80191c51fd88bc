/** A small rounded label. */

import type { ReactNode } from "react";
import { cn } from "@/ui/class-names";

const TONES = {
  plain: "bg-raise/70 text-mut",
  ok: "bg-ok/14 text-ok",
  run: "bg-run/14 text-run",
  warn: "bg-warn/14 text-warn",
  err: "bg-err/16 text-err-text",
} as const;

export type ChipTone = keyof typeof TONES;

interface ChipProps {
  tone?: ChipTone;
  children: ReactNode;
  className?: string;
}

export function Chip({ tone = "plain", children, className }: ChipProps) {
  return (
    <span
      className={cn(
        "inline-flex h-[22px] items-center gap-1.5 whitespace-nowrap rounded-full px-2 text-meta tabular-nums [&>svg]:size-3 [&>svg]:shrink-0",
        TONES[tone],
        className,
      )}
    >
      {children}
    </span>
  );
}
