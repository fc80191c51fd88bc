/** The place of a node's result: 16:9, rounded inside the card, the same for every kind. */

import type { ReactNode } from "react";
import { cn } from "@/ui/class-names";

export function MediaFrame({ children, className }: { children?: ReactNode; className?: string }) {
  return (
    <div className={cn("relative aspect-video overflow-hidden rounded-media bg-field text-mut", className)}>
      {children}
    </div>
  );
}

/** There is nothing yet: says what is missing. */
export function EmptyMedia({ children }: { children: ReactNode }) {
  return (
    <MediaFrame className="grid place-items-center bg-transparent p-4 text-center text-dim shadow-none outline-1 outline-line-strong outline-dashed -outline-offset-1">
      <p className="max-w-60 text-balance">{children}</p>
    </MediaFrame>
  );
}
