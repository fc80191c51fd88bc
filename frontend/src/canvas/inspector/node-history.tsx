"use client";
/** What came of a node: its takes, and the work that ended without one, newest first. */

import { useQuery } from "@tanstack/react-query";
import { Check, CircleAlert, Expand, ShieldAlert } from "lucide-react";
import type { Take } from "@/api/media";
import { type Job, jobStage, nodeJobsQuery } from "@/api/runs";
import { useStudio } from "@/api/studio";
import { useCanvas } from "@/canvas/canvas-context";
import { takeChips, takeName } from "@/canvas/viewer/take-facts";
import { useProject } from "@/live/project-context";
import { useTakesOf } from "@/nodes/use-media";
import { versionsOf } from "@/nodes/video/takes";
import { cn } from "@/ui/class-names";
import { RelativeTime } from "@/ui/relative-time";

type Entry = { kind: "take"; at: string; take: Take } | { kind: "job"; at: string; job: Job };

interface NodeHistoryProps {
  nodeId: string;
  selectedTakeId: string | null;
}

export function NodeHistory({ nodeId, selectedTakeId }: NodeHistoryProps) {
  const { api } = useStudio();
  const { projectId } = useProject();
  const jobs = useQuery(nodeJobsQuery(api, projectId, nodeId)).data;
  const takes = versionsOf(useTakesOf(nodeId, true), selectedTakeId);
  const entries = historyOf(takes, jobs ?? []);
  if (entries.length === 0) {
    return <p className="text-mut">{jobs ? "Nothing was made here yet." : "Looking…"}</p>;
  }
  return (
    <ol className="flex flex-col gap-2">
      {entries.map((entry) => (
        <li key={entry.kind === "take" ? entry.take.id : entry.job.id}>
          {entry.kind === "take" ? (
            <TakeEntry
              take={entry.take}
              name={takeName(takes, entry.take.id)}
              isSelected={entry.take.id === selectedTakeId}
            />
          ) : (
            <JobEntry job={entry.job} />
          )}
        </li>
      ))}
    </ol>
  );
}

/** Takes and jobs that ended badly, newest first. */
export function historyOf(takes: readonly Take[], jobs: readonly Job[]): Entry[] {
  const bad = jobs.filter((job) => ["failed", "blocked", "cancelled"].includes(jobStage(job)));
  const entries: Entry[] = [
    ...takes.map((take): Entry => ({ kind: "take", at: take.created_at, take })),
    ...bad.map((job): Entry => ({ kind: "job", at: job.finished_at ?? job.created_at, job })),
  ];
  return entries.sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

function TakeEntry({ take, name, isSelected }: { take: Take; name: string; isSelected: boolean }) {
  const project = useProject();
  const { state } = useCanvas();
  const picture = take.asset.thumbnail_url ?? take.asset.poster_url;
  const use = () =>
    project.edit(`use ${name.toLowerCase()}`, [
      { op: "update_node", node_id: take.node_id, selected_take_id: take.id },
    ]);
  return (
    <article
      aria-label={name}
      className={cn(
        "flex gap-3 rounded-media bg-field p-2 shadow-[inset_0_0_0_1px_var(--color-line)]",
        isSelected && "shadow-[inset_0_0_0_1.5px_var(--color-fg)]",
      )}
    >
      <button
        type="button"
        aria-label={`Open ${name.toLowerCase()}`}
        onClick={() => state.setState({ panel: { kind: "takes", nodeId: take.node_id, takeId: take.id } })}
        className="group/open relative h-14 w-24 shrink-0 overflow-hidden rounded-[9px] bg-media"
      >
        {picture && (
          // biome-ignore lint/performance/noImgElement: a signed address on another host; a static export has no optimiser.
          <img src={picture} alt="" loading="lazy" decoding="async" className="size-full object-cover" />
        )}
        <span
          aria-hidden
          className="absolute inset-0 grid place-items-center bg-scrim text-on-media opacity-0 transition-opacity group-hover/open:opacity-100"
        >
          <Expand className="size-4" />
        </span>
      </button>
      <div className="flex min-w-0 flex-1 flex-col gap-0.5 text-meta">
        <p className="flex items-center justify-between gap-2">
          <span className="font-medium text-body">{name}</span>
          {isSelected ? (
            <span className="flex items-center gap-1 text-mut">
              <Check aria-hidden className="size-3.5" /> Shown
            </span>
          ) : (
            project.canEdit && (
              <button
                type="button"
                onClick={use}
                className="rounded-[6px] px-1.5 py-0.5 text-mut hover:bg-raise hover:text-fg"
              >
                Use
              </button>
            )
          )}
        </p>
        <p className="text-mut tabular-nums">{takeChips(take).join(" · ")}</p>
        {take.prompt && <p className="line-clamp-2 text-mut">{take.prompt}</p>}
        <p className="text-dim">
          <RelativeTime at={take.created_at} />
        </p>
      </div>
    </article>
  );
}

const ENDED_WORDS: Readonly<Record<string, string>> = { failed: "Failed", blocked: "Blocked", cancelled: "Cancelled" };

function JobEntry({ job }: { job: Job }) {
  const stage = jobStage(job);
  const Icon = stage === "blocked" ? ShieldAlert : CircleAlert;
  return (
    <article
      aria-label={ENDED_WORDS[stage]}
      className="flex gap-2.5 rounded-media p-3 text-meta shadow-[inset_0_0_0_1px_var(--color-line)]"
    >
      <Icon
        aria-hidden
        className={cn(
          "mt-0.5 size-4 shrink-0",
          stage === "failed" ? "text-err-text" : stage === "blocked" ? "text-warn" : "text-dim",
        )}
      />
      <div className="flex min-w-0 flex-col gap-0.5">
        <p className="font-medium text-body">
          {ENDED_WORDS[stage]}
          {job.hop > 0 && `, extension ${job.hop}`}
        </p>
        {job.message && <p>{job.message}</p>}
        {job.advice && <p className="text-mut">{job.advice}</p>}
        <p className="text-dim">
          <RelativeTime at={job.finished_at ?? job.created_at} />
        </p>
      </div>
    </article>
  );
}
