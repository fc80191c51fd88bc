"use client";
/** Why a run was not, or would not be, started: in words, with the way to mend it. */

import { CircleAlert, X } from "lucide-react";
import { useStore } from "zustand";
import type { Problem } from "@/api/problem";
import { useCanvas } from "@/canvas/canvas-context";
import { LimitField } from "@/canvas/inspector/limit-field";
import { useShowNode } from "@/canvas/inspector/use-show-node";
import { useProject } from "@/live/project-context";
import { Button } from "@/ui/button";
import { cn } from "@/ui/class-names";

interface RefusalProps {
  problem: Problem;
  /** Send the same again; only where nobody has decided about it. */
  onAgain?: () => void;
  onDismiss?: () => void;
  /** Called after the person went to the node that is not ready. */
  onLeave?: () => void;
  className?: string;
}

export function Refusal({ problem, onAgain, onDismiss, onLeave, className }: RefusalProps) {
  const project = useProject();
  return (
    <div role="alert" className={cn("flex gap-2.5 text-body", className)}>
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
      <div className="flex min-w-0 flex-1 flex-col items-start gap-2">
        <div>
          <p className="font-medium">{problem.detail}</p>
          {problem.advice && <p className="text-mut">{problem.advice}</p>}
        </div>
        {problem.code === "spending_limit_reached" && project.role === "owner" && <LimitField />}
        <GoToNode problem={problem} onLeave={onLeave} />
        {problem.isPassing && onAgain && <Button onClick={onAgain}>Try again</Button>}
      </div>
      {onDismiss && (
        <button
          type="button"
          aria-label="Dismiss"
          onClick={onDismiss}
          className="-mt-1 -mr-1 grid size-7 shrink-0 place-items-center rounded-[8px] text-mut hover:bg-raise/60 hover:text-fg"
        >
          <X aria-hidden className="size-4" />
        </button>
      )}
    </div>
  );
}

/** The way to the node that is not ready, where it is still there, and is not what the person is looking at. */
function GoToNode({ problem, onLeave }: Pick<RefusalProps, "problem" | "onLeave">) {
  const { graph } = useProject();
  const show = useShowNode();
  const nodeId = problem.facts.input_node_id ?? problem.facts.node_id;
  const node = useStore(graph, ({ nodes }) => (typeof nodeId === "string" ? nodes.get(nodeId) : undefined));
  const { selection } = useCanvas();
  const isSelected = useStore(
    selection.state,
    ({ nodes }) => nodes.size === 1 && node !== undefined && nodes.has(node.id),
  );
  return (
    node &&
    !isSelected && (
      <Button
        className="max-w-full"
        onClick={() => {
          show(node.id);
          onLeave?.();
        }}
      >
        <span className="truncate">Go to {node.title}</span>
      </Button>
    )
  );
}
