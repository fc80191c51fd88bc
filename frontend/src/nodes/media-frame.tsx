/** The place of a node's result: fills what the card leaves it, rounded inside the card, the same for every kind. */

import type { ReactNode } from "react";
import { cn } from "@/ui/class-names";

export function MediaFrame({ children, className }: { children?: ReactNode; className?: string }) {
  return (
    <div className={cn("relative size-full overflow-hidden rounded-media bg-field text-mut", className)}>
      {children}
    </div>
  );
}

/** There is nothing yet: says what is missing, and may offer what to do about it. */
export function EmptyMedia({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <MediaFrame
      className={cn(
        "flex flex-col items-center justify-center gap-1 bg-transparent p-4 text-center text-dim outline-1 outline-line-strong outline-dashed -outline-offset-1",
        className,
      )}
    >
      {children}
    </MediaFrame>
  );
}
