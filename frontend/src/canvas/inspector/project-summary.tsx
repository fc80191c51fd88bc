"use client";
/** The project where nothing is selected: its money, and what is on the canvas. */

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useSyncExternalStore } from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import { leftMicrousd, type Money, moneyQuery } from "@/api/money";
import { asProblem } from "@/api/problem";
import { useStudio } from "@/api/studio";
import { activityOf } from "@/canvas/activity";
import { kindCounts } from "@/canvas/inspector/kind-counts";
import { LimitField } from "@/canvas/inspector/limit-field";
import { useProject } from "@/live/project-context";
import { dollars } from "@/nodes/money";
import { Button } from "@/ui/button";
import { ProblemNotice } from "@/ui/problem-notice";

export function ProjectSummary() {
  const project = useProject();
  const name = useStore(project.graph, (graph) => graph.name);
  return (
    <div className="flex min-h-0 flex-col gap-6 overflow-y-auto p-4">
      <header>
        <h2 className="truncate text-title">{name}</h2>
        <p className="text-meta text-mut">Select a node to see its settings</p>
      </header>
      <MoneySection />
      <Counts />
    </div>
  );
}

function MoneySection() {
  const { api } = useStudio();
  const { projectId, role } = useProject();
  const found = useQuery(moneyQuery(api, projectId));
  return (
    <section aria-label="Money" className="flex flex-col gap-4">
      <h3 className="sr-only">Money</h3>
      {found.data && <Balance money={found.data} />}
      {found.error && (
        <ProblemNotice problem={asProblem(found.error)}>
          <Button onClick={() => void found.refetch()}>Try again</Button>
        </ProblemNotice>
      )}
      {role === "owner" && <LimitField />}
    </section>
  );
}

function Balance({ money }: { money: Money }) {
  const { spending_limit_microusd: limit, captured_microusd, reserved_microusd, uncertain_microusd } = money;
  const committed = captured_microusd + reserved_microusd + uncertain_microusd;
  return (
    <>
      <div>
        <p className="flex items-baseline justify-between gap-3">
          <span className="font-semibold text-[22px] leading-7 tracking-tight tabular-nums">
            {dollars(captured_microusd)} <span className="font-normal text-body tracking-normal">spent</span>
          </span>
          <span className="text-body text-mut tabular-nums">of {dollars(limit)}</span>
        </p>
        <div aria-hidden className="mt-2 h-1 overflow-hidden rounded-full bg-raise">
          <div
            className="h-full rounded-full bg-fg"
            style={{ width: `${limit > 0 ? Math.min(100, (committed / limit) * 100) : 0}%` }}
          />
        </div>
      </div>
      <dl className="grid grid-cols-[1fr_auto] gap-y-1.5 text-body tabular-nums [&>dd]:text-right [&>dt]:text-mut">
        <Line title="Set aside for work under way">{dollars(reserved_microusd)}</Line>
        {uncertain_microusd > 0 && <Line title="Perhaps billed">{dollars(uncertain_microusd)}</Line>}
        <Line title="Left">{dollars(leftMicrousd(money))}</Line>
      </dl>
    </>
  );
}

function Counts() {
  const project = useProject();
  const kinds = useStore(
    project.graph,
    useShallow(({ nodes }) => kindCounts([...nodes.values()].map(({ type }) => type))),
  );
  // One text, so that it renders only when the numbers are others.
  const read = () => {
    const { active, needAttention } = activityOf(project);
    return `${active} ${needAttention}`;
  };
  const [active, needAttention] = useSyncExternalStore((watcher) => watch(project, watcher), read, read).split(" ");
  return (
    <section aria-label="On the canvas" className="flex flex-col gap-1.5">
      <h3 className="text-body text-mut">On the canvas</h3>
      <ul className="flex flex-col gap-1 text-body">
        {kinds.length === 0 && <li>Nothing yet</li>}
        {kinds.map((words) => (
          <li key={words}>{words}</li>
        ))}
        {active !== "0" && <li className="text-run">{active} at work</li>}
        {needAttention !== "0" && (
          <li className="text-warn">
            {needAttention} {needAttention === "1" ? "needs" : "need"} you
          </li>
        )}
      </ul>
    </section>
  );
}

function watch({ statuses, graph }: ReturnType<typeof useProject>, watcher: () => void): () => void {
  const endStatuses = statuses.watchAll(watcher);
  const endGraph = graph.subscribe(watcher);
  return () => {
    endStatuses();
    endGraph();
  };
}

function Line({ title, children }: { title: string; children: ReactNode }) {
  return (
    <>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </>
  );
}
