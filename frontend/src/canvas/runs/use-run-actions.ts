"use client";
/** Starting and stopping paid work on the open project: for buttons, keys and commands alike. */

import { useMemo } from "react";
import { asProblem } from "@/api/problem";
import { projectKey } from "@/api/projects";
import { cancelRun, type RunOrder, runsQuery, startRun } from "@/api/runs";
import { type Studio, useStudio } from "@/api/studio";
import { type Canvas, useCanvas } from "@/canvas/canvas-context";
import { nextRun } from "@/canvas/runs/next-run";
import { keyFor, runStore } from "@/canvas/runs/run-store";
import { useProject } from "@/live/project-context";
import type { ProjectDocument } from "@/live/project-document";
import { whenSaved } from "@/nodes/when-saved";
import { toast } from "@/ui/toaster";

/** Each stays the same function; none throws: what is refused stands in the run store, and beside the run button. */
export interface RunActions {
  /** Run the one selected video; where none is, show the plan of everything. */
  runNext: () => void;
  /** `force` makes another take although nothing has changed, and pays for it. */
  runNode: (nodeId: string, options?: { force?: boolean }) => Promise<boolean>;
  runFrom: (nodeId: string) => Promise<boolean>;
  /** Run everything, as the plan shows it. `force` pays again for what exists. True: it was started. */
  runAll: (options?: { force?: boolean }) => Promise<boolean>;
  /** Show what a run of everything would do, before it costs anything. */
  openPlan: () => void;
  /** Stop every run that is under way. True: they were stopped. */
  stop: () => Promise<boolean>;
  /** Take a refusal away that was read. */
  dismiss: () => void;
}

export function useRunActions(): RunActions {
  const studio = useStudio();
  const project = useProject();
  const canvas = useCanvas();
  return useMemo(() => makeRunActions(studio, project, canvas), [studio, project, canvas]);
}

export function makeRunActions(
  studio: Pick<Studio, "api" | "queries">,
  project: ProjectDocument,
  canvas: Pick<Canvas, "state" | "selection">,
): RunActions {
  const start = (order: RunOrder) => startOrder(studio, project, order);
  const openPlan = () => canvas.state.setState({ panel: { kind: "plan" } });
  return {
    runNext() {
      const next = nextRun(canvas.selection.state.getState(), project.graph.getState());
      if (next?.scope === "all") {
        openPlan();
      } else if (next) {
        void start({ ...next, force: false });
      }
    },
    runNode: (nodeId, { force = false } = {}) => start({ scope: "node", nodeId, force }),
    runFrom: (nodeId) => start({ scope: "from", nodeId, force: false }),
    runAll: ({ force = false } = {}) => start({ scope: "all", force }),
    openPlan,
    stop: () => stopRuns(studio, project),
    dismiss: () => runStore(project).setState({ kind: "idle" }, true),
  };
}

type Server = Pick<Studio, "api" | "queries">;

async function startOrder({ api, queries }: Server, project: ProjectDocument, order: RunOrder): Promise<boolean> {
  const store = runStore(project);
  const last = store.getState();
  if (last.kind === "starting" || !project.canEdit) {
    return false;
  }
  const key = keyFor(last, order);
  store.setState({ kind: "starting", order }, true);
  try {
    await whenSaved(project); // the server runs what it has: what the person sees has to be there
    await startRun(api, project.projectId, order, key);
    store.setState({ kind: "idle" }, true);
    return true;
  } catch (thrown) {
    store.setState({ kind: "refused", order, problem: asProblem(thrown), key }, true);
    return false;
  } finally {
    outdate({ api, queries }, project); // also where the answer was lost: the run may be under way
  }
}

async function stopRuns({ api, queries }: Server, project: ProjectDocument): Promise<boolean> {
  const { projectId } = project;
  try {
    const runs = await queries.fetchQuery(runsQuery(api, projectId));
    const active = runs.filter(({ state }) => state === "running");
    await Promise.all(active.map(({ id }) => cancelRun(api, projectId, id)));
    return true;
  } catch (thrown) {
    const { detail, advice } = asProblem(thrown);
    toast.problem(detail, { description: advice });
    return false;
  } finally {
    outdate({ api, queries }, project);
  }
}

function outdate({ queries }: Server, { projectId }: ProjectDocument): void {
  for (const name of ["runs", "jobs", "money"] as const) {
    void queries.invalidateQueries({ queryKey: projectKey[name](projectId) });
  }
}
