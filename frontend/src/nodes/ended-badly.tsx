/** Why a node has no result, and what to do about it, in the place where the result would be. */

import { CircleAlert, ShieldAlert } from "lucide-react";
import type { Reason } from "@/live/node-status";
import { MediaFrame } from "@/nodes/media-frame";
import { cn } from "@/ui/class-names";

interface EndedBadlyProps {
  state: "failed" | "blocked";
  reason: Reason;
}

export function EndedBadly({ state, reason }: EndedBadlyProps) {
  const isBlocked = state === "blocked";
  const Icon = isBlocked ? ShieldAlert : CircleAlert;
  return (
    <MediaFrame className={cn("aspect-auto", isBlocked && "stripes")}>
      <div className="flex aspect-video h-auto min-h-fit flex-col justify-center gap-2 p-5">
        <Icon aria-hidden className={cn("size-5", isBlocked ? "text-warn" : "text-err-text")} />
        <p className="font-medium text-body text-fg">{reason.message}</p>
        {reason.advice && <p className="text-body text-mut">{reason.advice}</p>}
      </div>
    </MediaFrame>
  );
}
