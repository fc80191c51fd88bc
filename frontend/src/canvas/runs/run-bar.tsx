"use client";
/** At the bottom while paid work is under way: how far it is, what it has cost so far, and the way to stop it. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { jobsQuery, runsQuery } from "@/api/runs";
import { useStudio } from "@/api/studio";
import { type Running, runningDetail, runningOf, runningWords, stopWords } from "@/canvas/runs/plan";
import { useRunActions } from "@/canvas/runs/use-run-actions";
import { useProject } from "@/live/project-context";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Spinner } from "@/ui/spinner";

export function RunBar() {
  const project = useProject();
  const running = useRunning();
  if (!running) {
    return null;
  }
  return (
    <section
      aria-label="Runs under way"
      className="island pointer-events-auto flex h-12 animate-appear items-center gap-3 pr-2 pl-4 text-body"
    >
      <Spinner className="size-4 text-run" />
      <p role="status" className="font-medium tabular-nums">
        {runningWords(running)}
      </p>
      <p className="hidden text-mut tabular-nums sm:block">{runningDetail(running)}</p>
      {project.canEdit && <StopButton running={running} />}
    </section>
  );
}

/** What is under way in the project; null: nothing. */
export function useRunning(): Running | null {
  const { api } = useStudio();
  const { projectId } = useProject();
  const runs = useQuery(runsQuery(api, projectId)).data ?? [];
  const clips = runs.filter(({ state }) => state === "running").reduce((sum, { steps }) => sum + steps.length, 0);
  const jobs = useQuery({ ...jobsQuery(api, projectId, clips), enabled: clips > 0 }).data ?? [];
  return runningOf(runs, jobs);
}

function StopButton({ running }: { running: Running }) {
  const [isAsking, setAsking] = useState(false);
  const [isStopping, setStopping] = useState(false);
  const { stop } = useRunActions();

  async function stopAll(): Promise<void> {
    setStopping(true);
    await stop();
    setStopping(false);
    setAsking(false);
  }

  return (
    <>
      <Button className="h-8" onClick={() => setAsking(true)}>
        Stop
      </Button>
      <Dialog title="Stop what is running?" isOpen={isAsking} onClose={() => setAsking(false)}>
        <p className="text-mut">{stopWords(running)}</p>
        <div className="mt-5 flex justify-end gap-2">
          <Button onClick={() => setAsking(false)}>Keep it running</Button>
          <Button look="primary" isBusy={isStopping} onClick={() => void stopAll()}>
            Stop
          </Button>
        </div>
      </Dialog>
    </>
  );
}
