"use client";
/** What a run of everything would do and cost, before it starts. */

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useId, useState } from "react";
import { useStore } from "zustand";
import { modelsQuery } from "@/api/models";
import { leftMicrousd, moneyQuery } from "@/api/money";
import type { Estimate } from "@/api/runs";
import { useStudio } from "@/api/studio";
import { useCanvas } from "@/canvas/canvas-context";
import { type PlanRow, planRows, priceWords, workWords } from "@/canvas/runs/plan";
import { Refusal } from "@/canvas/runs/refusal";
import { runStore } from "@/canvas/runs/run-store";
import { useRunActions } from "@/canvas/runs/use-run-actions";
import { useProject } from "@/live/project-context";
import { useEstimate } from "@/nodes/estimate/use-estimate";
import { dollars } from "@/nodes/money";
import { durationWords } from "@/nodes/progress";
import { Button } from "@/ui/button";
import { cn } from "@/ui/class-names";
import { Dialog } from "@/ui/dialog";
import { Spinner } from "@/ui/spinner";

/** Shows itself while the canvas's panel is the plan. */
export function PlanPanel() {
  const { state } = useCanvas();
  const isOpen = useStore(state, ({ panel }) => panel.kind === "plan");
  const close = () => state.setState({ panel: { kind: "none" } });
  return (
    <Dialog
      title="Run all"
      description="What exists already is free. The rest is paid for as it is made."
      isOpen={isOpen}
      onClose={close}
      className="w-[min(620px,calc(100vw-32px))]"
    >
      <Plan onClose={close} />
    </Dialog>
  );
}

function Plan({ onClose }: { onClose: () => void }) {
  const project = useProject();
  const [isForced, setForced] = useState(false);
  const estimate = useEstimate({ scope: "all", force: isForced });
  const starting = useStore(runStore(project));
  const { runAll } = useRunActions();

  async function run(): Promise<void> {
    if (await runAll({ force: isForced })) {
      onClose();
    }
  }

  const refusal =
    estimate.kind === "refused" ? estimate.problem : starting.kind === "refused" ? starting.problem : null;
  return (
    <div className="flex flex-col gap-4">
      {estimate.kind === "asking" && (
        <p role="status" className="flex items-center gap-2 text-mut">
          <Spinner /> Working it out
        </p>
      )}
      {estimate.kind === "known" && <Steps estimate={estimate.estimate} isOld={estimate.isOld} />}
      {refusal && <Refusal problem={refusal} onAgain={() => void run()} onLeave={onClose} />}
      {project.canEdit && (
        <>
          <ForceChoice isForced={isForced} onChange={setForced} />
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>Not now</Button>
            <Button
              look="primary"
              onClick={() => void run()}
              isBusy={starting.kind === "starting"}
              disabled={estimate.kind !== "known" || estimate.isOld || isNothing(estimate.estimate)}
            >
              Run {estimate.kind === "known" && dollars(estimate.estimate.cost_microusd)}
            </Button>
          </div>
        </>
      )}
    </div>
  );
}

/** Whether a run would begin nothing. */
function isNothing({ steps }: Estimate): boolean {
  return steps.every(({ work }) => work !== "new");
}

function ForceChoice({ isForced, onChange }: { isForced: boolean; onChange: (isForced: boolean) => void }) {
  const id = useId();
  return (
    <div className="flex items-start gap-2.5 text-body">
      <input
        id={id}
        type="checkbox"
        checked={isForced}
        onChange={({ target }) => onChange(target.checked)}
        className="mt-0.5 size-4 accent-primary"
      />
      <label htmlFor={id}>
        Pay again for all
        <span className="block text-meta text-mut">
          Makes every clip anew, also those that exist. They stay as takes.
        </span>
      </label>
    </div>
  );
}

function Steps({ estimate, isOld }: { estimate: Estimate; isOld: boolean }) {
  const { api } = useStudio();
  const { graph, projectId } = useProject();
  const catalogue = useQuery(modelsQuery(api)).data;
  const money = useQuery(moneyQuery(api, projectId)).data;
  const nodes = useStore(graph, (now) => now.nodes);
  const rows = planRows(estimate, nodes, (id) => catalogue?.models.find((model) => model.id === id)?.name ?? id);
  return (
    <div aria-busy={isOld || undefined} className={cn("flex flex-col gap-4 transition-opacity", isOld && "opacity-50")}>
      <table className="w-full text-left text-body">
        <thead className="text-meta text-mut">
          <tr className="border-line border-b [&>th]:pb-2 [&>th]:font-normal">
            <th scope="col">Node</th>
            <th scope="col">Model</th>
            <th scope="col">Clips</th>
            <th scope="col" className="text-right">
              Cost
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.nodeId} row={row} />
          ))}
        </tbody>
      </table>
      <dl className="grid grid-cols-[1fr_auto] gap-y-1 text-body tabular-nums [&>dd]:text-right [&>dt]:text-mut">
        <Line title="Total" isStrong>
          {dollars(estimate.cost_microusd)}
        </Line>
        {estimate.expected_seconds > 0 && <Line title="Takes about">{durationWords(estimate.expected_seconds)}</Line>}
        {money && <Line title="Budget left">{dollars(leftMicrousd(money))}</Line>}
      </dl>
      <p className="sr-only" role="status">
        {priceWords(estimate)}
      </p>
    </div>
  );
}

function Row({ row }: { row: PlanRow }) {
  return (
    <tr className="border-line border-b [&>*]:py-2 [&>*]:pr-3 [&>*]:font-normal [&>*:last-child]:pr-0">
      <th scope="row" className="max-w-40 truncate">
        {row.title}
      </th>
      <td className="text-mut">{row.model}</td>
      <td className="text-mut">{workWords(row)}</td>
      <td className="text-right tabular-nums">{row.fresh > 0 ? dollars(row.costMicrousd) : "free"}</td>
    </tr>
  );
}

function Line({ title, isStrong = false, children }: { title: string; isStrong?: boolean; children: ReactNode }) {
  return (
    <>
      <dt>{title}</dt>
      <dd className={cn(isStrong && "font-semibold")}>{children}</dd>
    </>
  );
}
