"use client";
/** Keeps an open project current for as long as a component shows it. */

import { type QueryClient, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { takesQuery } from "@/api/media";
import { asProblem } from "@/api/problem";
import { projectKey } from "@/api/projects";
import { loadRuntimeConfig } from "@/api/runtime-config";
import { type Studio, useStudio } from "@/api/studio";
import { chooseFeed } from "@/live/choose-feed";
import type { ConnectionState, LiveFeed, LiveListener } from "@/live/feed";
import type { ProjectDocument } from "@/live/project-document";
import type { ProjectEvent } from "@/live/wire";

/** Follow the project; returns how well that goes. */
export function useLiveProject(project: ProjectDocument): ConnectionState {
  const studio = useStudio();
  const [connection, setConnection] = useState<ConnectionState>({ kind: "connecting" });
  const config = useQuery({
    queryKey: ["runtime-config"],
    queryFn: loadRuntimeConfig,
    staleTime: Number.POSITIVE_INFINITY,
    retry: true,
  });
  const { data } = config;
  useEffect(() => {
    if (!data) {
      return;
    }
    return followProject({ feed: chooseFeed(data, studio.api), studio, project, onConnection: setConnection });
  }, [data, studio, project]);
  return config.failureReason === null
    ? connection
    : { kind: "reconnecting", problem: asProblem(config.failureReason) };
}

interface FollowOptions {
  feed: LiveFeed;
  studio: Pick<Studio, "api" | "queries">;
  project: ProjectDocument;
  onConnection: (state: ConnectionState) => void;
}

/** Let `feed` keep `project` current, and the answers of the api that its events make old; returns how to end it. */
export function followProject({ feed, studio, project, onConnection }: FollowOptions): () => void {
  const { projectId } = project;
  const { queries } = studio;
  const takes = takesQuery(studio.api, queries, projectId).queryKey;

  const endWatching = project.statuses.watchAll((nodeId) => {
    const { selectedTakeId } = project.statuses.get(nodeId);
    if (selectedTakeId !== null && isMissing(queries, takes, selectedTakeId)) {
      void queries.invalidateQueries({ queryKey: takes });
    }
  });
  const listener: LiveListener = {
    onEvents(events) {
      project.applyEvents(events);
      for (const queryKey of outdatedBy(events, projectId)) {
        void queries.invalidateQueries({ queryKey });
      }
    },
    onNodeStatus: (update) => project.applyStatus(update),
    onConnection(state) {
      if (state.kind === "live") {
        project.wake();
      }
      onConnection(state);
    },
  };
  const following = feed.follow(projectId, project.followFrom, listener);
  project.start();
  const wake = () => {
    if (document.visibilityState === "visible") {
      following.wake();
      project.wake();
    }
  };
  document.addEventListener("visibilitychange", wake);
  window.addEventListener("online", wake);
  return () => {
    document.removeEventListener("visibilitychange", wake);
    window.removeEventListener("online", wake);
    following.stop();
    project.stop();
    endWatching();
  };
}

/** Which of a project's answers each kind of event makes old, by the first word of the event's type. */
const OUTDATED_BY: Readonly<Record<string, readonly (keyof typeof projectKey)[]>> = {
  asset: ["assets"],
  project: ["money"],
  character: ["characters"],
  job: ["jobs", "money"],
  run: ["runs", "money"],
  export: ["exports"],
};

/** The keys of answers that these events make old, each once. */
function outdatedBy(events: readonly ProjectEvent[], projectId: string): (readonly string[])[] {
  const names = events.flatMap(({ type, ...event }) => {
    const name = type === "other" && "name" in event ? event.name : type;
    return OUTDATED_BY[name.split(".", 1)[0] ?? ""] ?? [];
  });
  return [...new Set(names)].map((name) => projectKey[name](projectId));
}

function isMissing(queries: QueryClient, queryKey: readonly unknown[], id: string): boolean {
  const known = queries.getQueryData<ReadonlyMap<string, unknown>>(queryKey);
  return known !== undefined && !known.has(id);
}
