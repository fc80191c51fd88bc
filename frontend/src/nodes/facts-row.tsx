/** The row of facts below a result: what does not fit into one line is left out whole, the money at the right never is. */

import type { ReactNode } from "react";
import { Chip } from "@/ui/chip";

interface FactsRowProps {
  /** Before the plain ones. */
  lead?: ReactNode;
  facts: readonly string[];
  /** At the right. */
  children?: ReactNode;
}

export function FactsRow({ lead, facts, children }: FactsRowProps) {
  return (
    <>
      <div className="flex h-[22px] min-w-0 flex-1 flex-wrap gap-1.5 overflow-hidden">
        {lead}
        {facts.map((fact) => (
          <Chip key={fact} className="min-w-0 max-w-full">
            <span className="truncate">{fact}</span>
          </Chip>
        ))}
      </div>
      {children && <div className="shrink-0 pr-1 text-meta tabular-nums">{children}</div>}
    </>
  );
}
