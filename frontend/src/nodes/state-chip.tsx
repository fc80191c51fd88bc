/** A node's state in one chip, at the right of its header: a word, a colour, and an icon, so that colour is not all. */

import { Ban, Check, CircleAlert, CircleHelp, Clock, Hourglass, ShieldAlert } from "lucide-react";
import type { NodeStatus } from "@/live/node-status";
import { clipWords, secondsWords, stageWord } from "@/nodes/progress";
import { Chip } from "@/ui/chip";
import { Spinner } from "@/ui/spinner";

/** Idle says nothing: there is nothing to say. */
export function StateChip({ status }: { status: NodeStatus }) {
  switch (status.state) {
    case "idle":
      return null;
    case "waiting":
      return (
        <Chip>
          <Hourglass aria-hidden /> Waiting
        </Chip>
      );
    case "queued":
      return (
        <Chip>
          <Clock aria-hidden /> Queued
        </Chip>
      );
    case "running":
      return (
        <Chip tone="run">
          <Spinner /> {stageWord(status.stage)}
          {status.progress.hops > 0 && (
            <span title={clipWords(status.progress) ?? undefined}>
              · {status.progress.hop + 1} of {status.progress.hops + 1}
            </span>
          )}
        </Chip>
      );
    case "succeeded":
      return (
        <Chip className="bg-transparent pr-1">
          <span className="grid size-4 place-items-center rounded-full bg-ok/20 text-ok">
            <Check aria-hidden className="size-2.5" strokeWidth={3} />
          </span>
          <span className="sr-only">Succeeded</span>
          {status.seconds !== null && secondsWords(status.seconds)}
        </Chip>
      );
    case "failed":
      return (
        <Chip tone="err">
          <CircleAlert aria-hidden /> Failed
        </Chip>
      );
    case "blocked":
      return (
        <Chip tone="warn">
          <ShieldAlert aria-hidden /> Blocked
        </Chip>
      );
    case "cancelled":
      return (
        <Chip>
          <Ban aria-hidden /> Cancelled
        </Chip>
      );
    case "unknown":
      return (
        <Chip>
          <CircleHelp aria-hidden /> {status.name}
        </Chip>
      );
  }
}
