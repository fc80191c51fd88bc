/** What a run would do, node by node and in words. Pure. */

import type { Estimate, EstimateStep, Job, Run } from "@/api/runs";
import { jobStage } from "@/api/runs";
import type { GraphNode } from "@/live/graph";
import { dollars } from "@/nodes/money";
import { durationWords } from "@/nodes/progress";

/** The clips of one node in a plan, together. */
export interface PlanRow {
  nodeId: string;
  title: string;
  model: string;
  /** How many clips of each kind. */
  exists: number;
  underWay: number;
  fresh: number;
  costMicrousd: number;
}

/** One row for each node, in the order in which they run. `nameOf` gives a model's name for its id. */
export function planRows(
  { steps }: Pick<Estimate, "steps">,
  nodes: ReadonlyMap<string, Pick<GraphNode, "title">>,
  nameOf: (modelId: string) => string,
): PlanRow[] {
  return [...Map.groupBy(steps, (step) => step.node_id)].map(([nodeId, own]) => ({
    nodeId,
    title: nodes.get(nodeId)?.title ?? "A deleted node",
    model: [...new Set(own.map((step) => nameOf(step.model)))].join(", "),
    exists: countOf(own, "exists"),
    underWay: countOf(own, "under_way"),
    fresh: countOf(own, "new"),
    costMicrousd: own.reduce((sum, step) => sum + step.cost_microusd, 0),
  }));
}

function countOf(steps: readonly EstimateStep[], work: EstimateStep["work"]): number {
  return steps.filter((step) => step.work === work).length;
}

/** "exists, free", "2 new · 1 under way". */
export function workWords({ exists, underWay, fresh }: Pick<PlanRow, "exists" | "underWay" | "fresh">): string {
  const clips = exists + underWay + fresh;
  if (clips === exists) {
    return "exists, free";
  }
  if (clips === 1) {
    return fresh === 1 ? "new" : "under way";
  }
  const parts = [
    fresh > 0 && `${fresh} new`,
    underWay > 0 && `${underWay} under way`,
    exists > 0 && `${exists} ${exists === 1 ? "exists" : "exist"}`,
  ];
  return parts.filter(Boolean).join(" · ");
}

/** "$0.84 · ~2 min"; what costs nothing says why. */
export function priceWords({ cost_microusd, expected_seconds, steps }: Estimate): string {
  if (steps.every(({ work }) => work === "exists")) {
    return "Nothing new";
  }
  const time = expected_seconds > 0 ? `~${roughly(expected_seconds)}` : null;
  return [dollars(cost_microusd), time].filter(Boolean).join(" · ");
}

/** Whole minutes from one minute up: a guess has no seconds. */
function roughly(seconds: number): string {
  return seconds < 60 ? durationWords(seconds) : `${Math.round(seconds / 60)} min`;
}

/** The runs under way, as the bar at the bottom tells of them. */
export interface Running {
  /** Clips that these runs make, and how many of them are at their end. */
  clips: number;
  ended: number;
  atWork: number;
  /** Waiting for their turn, or for an input. */
  queued: number;
  spentMicrousd: number;
  /** Of the clips at work: what may still be billed when they are stopped. */
  atStakeMicrousd: number;
}

/** What is under way; null: nothing. Work that several runs wait for counts once. */
export function runningOf(runs: readonly Run[], jobs: readonly Job[]): Running | null {
  const active = runs.filter(({ state }) => state === "running");
  const ids = new Set(active.flatMap(({ steps }) => steps.flatMap(({ job_id }) => job_id ?? [])));
  if (active.length === 0 || ids.size === 0) {
    return null;
  }
  const own = jobs.filter(({ id }) => ids.has(id)).map((job) => ({ stage: jobStage(job), cost: job.cost_microusd }));
  const at = (...stages: string[]) => own.filter(({ stage }) => stages.includes(stage));
  const sum = (some: readonly { cost: number }[]) => some.reduce((total, { cost }) => total + cost, 0);
  const atWork = at("at_work");
  const ended = at("succeeded", "failed", "blocked", "cancelled");
  return {
    clips: ids.size,
    ended: ended.length,
    atWork: atWork.length,
    // What this page has not heard of yet has not begun.
    queued: ids.size - ended.length - atWork.length,
    spentMicrousd: sum(at("succeeded")),
    atStakeMicrousd: sum(atWork),
  };
}

/** "Running 3 of 4": the clip that is made now, counted from one. */
export function runningWords({ clips, ended, atWork }: Running): string {
  return atWork === 0 ? `Waiting, ${ended} of ${clips} done` : `Running ${Math.min(clips, ended + atWork)} of ${clips}`;
}

/** "$0.31 spent · 1 queued" */
export function runningDetail({ spentMicrousd, queued }: Running): string {
  return [`${dollars(spentMicrousd)} spent`, queued > 0 ? `${queued} queued` : null].filter(Boolean).join(" · ");
}

/** What stopping means for the money, in a sentence. */
export function stopWords({ atWork, queued, atStakeMicrousd }: Running): string {
  const unsent = queued > 0 ? `${clipsWords(queued)} not sent yet; that costs nothing.` : "";
  const sent =
    atWork > 0
      ? `${clipsWords(atWork)} at the provider already, and may still be billed, up to ${dollars(atStakeMicrousd)}. What arrives of it is kept as a take.`
      : "";
  return [sent, unsent].filter(Boolean).join(" ");
}

function clipsWords(count: number): string {
  return count === 1 ? "1 clip is" : `${count} clips are`;
}
