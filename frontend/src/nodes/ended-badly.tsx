/** Why a node has no result, and what to do about it, in the place where the result would be. */

import { CircleAlert, ShieldAlert } from "lucide-react";
import type { ReactNode } from "react";
import { MediaFrame } from "@/nodes/media-frame";
import { cn } from "@/ui/class-names";

interface EndedBadlyProps {
  state: "failed" | "blocked";
  title: string;
  /** What to do, and what became of the money: a sentence each. */
  words: readonly string[];
  /** The buttons. */
  children?: ReactNode;
}

export function EndedBadly({ state, title, words, children }: EndedBadlyProps) {
  const isBlocked = state === "blocked";
  const Icon = isBlocked ? ShieldAlert : CircleAlert;
  return (
    <MediaFrame className={cn(isBlocked && "stripes")}>
      <div className="flex h-full flex-col justify-center gap-3 p-4">
        <div
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it has to be reachable by keyboard.
          tabIndex={0}
          className="nowheel flex min-h-0 flex-col gap-1 overflow-y-auto rounded-[6px] [scrollbar-width:thin]"
        >
          <p className="flex gap-2 font-medium text-body text-fg">
            <Icon aria-hidden className={cn("mt-0.5 size-4 shrink-0", isBlocked ? "text-warn" : "text-err-text")} />
            {title}
          </p>
          {words.map((sentence) => (
            <p key={sentence} className="text-pretty text-mut text-node">
              {sentence}
            </p>
          ))}
        </div>
        {children && <div className="nodrag nopan flex shrink-0 flex-wrap gap-1.5">{children}</div>}
      </div>
    </MediaFrame>
  );
}
