"use client";
/** At the top right: what the next run costs and how long it takes, and the button that starts it. */

import { ChevronDown, ListChecks, Play, StepForward } from "lucide-react";
import type { ReactNode } from "react";
import { useStore } from "zustand";
import { useNextRun } from "@/canvas/runs/next-run";
import { priceWords } from "@/canvas/runs/plan";
import { Refusal } from "@/canvas/runs/refusal";
import { runStore } from "@/canvas/runs/run-store";
import { useRunActions } from "@/canvas/runs/use-run-actions";
import { useProject } from "@/live/project-context";
import { type EstimateState, useEstimate } from "@/nodes/estimate/use-estimate";
import { cn } from "@/ui/class-names";
import { Kbd } from "@/ui/kbd";
import { Menu, type MenuItem } from "@/ui/menu";
import { Popover } from "@/ui/popover";

interface RunIslandProps {
  /** What stands left of the price: the people, for example. */
  children?: ReactNode;
}

export function RunIsland({ children }: RunIslandProps) {
  const { canEdit } = useProject();
  if (!canEdit && !children) {
    return null;
  }
  return (
    <div className="pointer-events-auto relative">
      <div className="island flex h-12 items-center gap-2 px-1.5">
        {children}
        {canEdit && <RunControls />}
      </div>
      {canEdit && <LastRefusal />}
    </div>
  );
}

function RunControls() {
  const project = useProject();
  const next = useNextRun();
  const estimate = useEstimate(next && { ...next, force: false });
  const starting = useStore(runStore(project), ({ kind }) => kind === "starting");
  const { runNext } = useRunActions();
  return (
    <>
      <NextPrice isAny={next !== null} estimate={estimate} />
      <div className="flex h-9 overflow-hidden rounded-input bg-primary text-on-primary">
        <button
          type="button"
          onClick={runNext}
          disabled={next === null || starting}
          aria-busy={starting || undefined}
          className="flex items-center gap-2 rounded-l-input pr-2 pl-3.5 font-medium text-body hover:opacity-90 focus-visible:-outline-offset-4 focus-visible:outline-on-primary disabled:opacity-60"
        >
          <Play aria-hidden className="size-3.5 fill-current" />
          {starting ? "Starting" : "Run"}
          <Kbd
            shortcut="Mod+Enter"
            className="hidden md:inline-flex [&>span]:bg-on-primary/10 [&>span]:text-on-primary"
          />
        </button>
        <RunMenu />
      </div>
    </>
  );
}

/** The other ways to run, for what is selected. */
function RunMenu() {
  const next = useNextRun();
  const { runNode, runFrom, openPlan } = useRunActions();
  const nodeId = next?.scope === "node" ? next.nodeId : null;
  const items: MenuItem[] = [
    {
      kind: "action",
      label: "Run node",
      hint: nodeId === null ? "Select a video first" : undefined,
      icon: Play,
      isDisabled: nodeId === null,
      onSelect: () => nodeId !== null && void runNode(nodeId),
    },
    {
      kind: "action",
      label: "Run from here",
      hint: "The video, and all that it feeds",
      icon: StepForward,
      isDisabled: nodeId === null,
      onSelect: () => nodeId !== null && void runFrom(nodeId),
    },
    {
      kind: "action",
      label: "Run all…",
      hint: "Shows the plan first",
      icon: ListChecks,
      shortcut: "Shift+Mod+Enter",
      isDisabled: next === null,
      onSelect: openPlan,
    },
  ];
  return (
    <Menu items={items} align="end">
      <button
        type="button"
        aria-label="More ways to run"
        className="grid w-7 place-items-center rounded-r-input border-on-primary/15 border-l hover:opacity-90 focus-visible:-outline-offset-4 focus-visible:outline-on-primary"
      >
        <ChevronDown aria-hidden className="size-3.5" />
      </button>
    </Menu>
  );
}

/** "Next run $0.84 · ~2 min", or why there would be none. */
function NextPrice({ isAny, estimate }: { isAny: boolean; estimate: EstimateState }) {
  if (!isAny) {
    return null;
  }
  if (estimate.kind === "refused") {
    return (
      <Popover
        label="Why nothing can run yet"
        align="end"
        trigger={
          <button
            type="button"
            className="hidden h-9 items-center gap-2 rounded-input px-3 text-body text-warn shadow-[inset_0_0_0_1px_var(--color-line)] hover:bg-raise/60 sm:flex"
          >
            Not ready: why?
          </button>
        }
      >
        <Refusal problem={estimate.problem} />
      </Popover>
    );
  }
  const words = estimate.kind === "known" ? priceWords(estimate.estimate) : "…";
  const isOld = estimate.kind === "asking" || estimate.isOld;
  return (
    <p
      aria-busy={isOld || undefined}
      className="hidden h-9 items-center gap-2 whitespace-nowrap rounded-input px-3 text-body tabular-nums shadow-[inset_0_0_0_1px_var(--color-line)] sm:flex"
    >
      <span className="text-mut">Next run</span>
      <span className={cn("font-medium transition-opacity", isOld && "opacity-50")}>{words}</span>
    </p>
  );
}

/** The run that was refused last, below the button that was pressed. */
function LastRefusal() {
  const project = useProject();
  const state = useStore(runStore(project));
  const { runNode, runFrom, runAll, dismiss } = useRunActions();
  if (state.kind !== "refused") {
    return null;
  }
  const { order, problem } = state;
  const again = () => {
    if (order.scope === "all") {
      void runAll({ force: order.force });
    } else if (order.scope === "node") {
      void runNode(order.nodeId, { force: order.force });
    } else {
      void runFrom(order.nodeId);
    }
  };
  return (
    <div className="island absolute top-14 right-0 z-20 w-[min(340px,calc(100vw-24px))] animate-appear p-4">
      <Refusal problem={problem} onAgain={again} onDismiss={dismiss} onLeave={dismiss} />
    </div>
  );
}
