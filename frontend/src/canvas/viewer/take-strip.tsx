"use client";
/** All takes of a node in small: one is shown, and one beside it where two are compared. */

import { Columns2, X } from "lucide-react";
import type { Take } from "@/api/media";
import { Picture } from "@/canvas/viewer/take-card";
import { takeName } from "@/canvas/viewer/take-facts";
import { dollars } from "@/nodes/money";
import { cn } from "@/ui/class-names";

interface TakeStripProps {
  /** Newest first. */
  versions: readonly Take[];
  /** What is on the stage, one or two. */
  shown: readonly string[];
  selectedTakeId: string | null;
  onShow: (takeId: string) => void;
  onCompare: (takeId: string | null) => void;
}

export function TakeStrip({ versions, shown, selectedTakeId, onShow, onCompare }: TakeStripProps) {
  if (versions.length < 2) {
    return null;
  }
  const [firstId, secondId] = shown;
  return (
    <ul aria-label="All takes" className="flex shrink-0 gap-2 overflow-x-auto p-1 [scrollbar-width:thin]">
      {versions.map((take) => {
        const name = takeName(versions, take.id);
        const isCompared = take.id === secondId;
        return (
          <li key={take.id} className="relative w-32 shrink-0">
            <button
              type="button"
              aria-pressed={take.id === firstId}
              aria-label={`Show ${name.toLowerCase()}`}
              onClick={() => onShow(take.id)}
              className={cn(
                "block w-full rounded-[8px]",
                shown.includes(take.id) && "outline-2 outline-fg outline-offset-1",
              )}
            >
              <Picture take={take} />
            </button>
            <p className="mt-1 flex justify-between gap-2 text-meta text-mut tabular-nums">
              <span>
                {name}
                {take.id === selectedTakeId && <span className="text-fg"> · used</span>}
              </span>
              <span>{dollars(take.cost_microusd)}</span>
            </p>
            {take.id !== firstId && (
              <button
                type="button"
                aria-pressed={isCompared}
                aria-label={isCompared ? "End the comparison" : `Compare with ${name.toLowerCase()}`}
                title={isCompared ? "End the comparison" : "Compare side by side"}
                onClick={() => onCompare(isCompared ? null : take.id)}
                className="absolute top-1 right-1 grid size-7 place-items-center rounded-[8px] bg-scrim text-on-media"
              >
                {isCompared ? <X aria-hidden className="size-3.5" /> : <Columns2 aria-hidden className="size-3.5" />}
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
