"use client";
/** The name of the open project, what is going on in it, and how live that is. */

import Link from "next/link";
import { useSyncExternalStore } from "react";
import { useStore } from "zustand";
import { activityOf, activityWords } from "@/canvas/activity";
import type { ConnectionState } from "@/live/feed";
import { useProject } from "@/live/project-context";
import type { ProjectReplica } from "@/live/project-replica";
import { cn } from "@/ui/class-names";
import { Logo } from "@/ui/logo";

export function ProjectIsland({ connection }: { connection: ConnectionState }) {
  const project = useProject();
  const name = useStore(project.graph, (graph) => graph.name);
  return (
    <div className="island pointer-events-auto flex h-12 min-w-0 items-center gap-3 pr-4 pl-2">
      <title>{`${name} · Reelgraph`}</title>
      <Link href="/" aria-label="All projects" className="rounded-input">
        <Logo />
      </Link>
      <div className="min-w-0">
        <h1 className="truncate text-title leading-[18px]">{name}</h1>
        <p className="flex items-center gap-1.5 whitespace-nowrap text-meta text-mut leading-4">
          <ConnectionMark connection={connection} />
          <span className="hidden sm:inline">
            <ActivityLine project={project} />
          </span>
        </p>
      </div>
    </div>
  );
}

const CONNECTION_WORDS: Record<ConnectionState["kind"], { word: string; dot: string }> = {
  connecting: { word: "Connecting", dot: "bg-dim animate-sheen" },
  live: { word: "Live", dot: "bg-ok" },
  reconnecting: { word: "Reconnecting", dot: "bg-warn animate-sheen" },
  ended: { word: "Not live", dot: "bg-err" },
};

function ConnectionMark({ connection }: { connection: ConnectionState }) {
  const { word, dot } = CONNECTION_WORDS[connection.kind];
  const why =
    connection.kind === "reconnecting" || connection.kind === "ended" ? connection.problem?.detail : undefined;
  return (
    <span role="status" title={why} className="flex items-center gap-1.5">
      <span aria-hidden className={cn("size-1.5 rounded-full", dot)} />
      {word}
    </span>
  );
}

/** Counts anew after each change, but renders only when the words change. */
function ActivityLine({ project }: { project: ProjectReplica }) {
  const read = () => activityWords(activityOf(project));
  const words = useSyncExternalStore((watcher) => watchProject(project, watcher), read, read);
  return <>· {words}</>;
}

function watchProject(project: ProjectReplica, watcher: () => void): () => void {
  const endStatuses = project.statuses.watchAll(watcher);
  const endGraph = project.graph.subscribe(watcher);
  return () => {
    endStatuses();
    endGraph();
  };
}
