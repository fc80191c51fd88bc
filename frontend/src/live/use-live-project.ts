"use client";
/** Keeps an open project current for as long as a component shows it. */

import { type QueryClient, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { assetsQuery, takesQuery } from "@/api/media";
import { asProblem } from "@/api/problem";
import { loadRuntimeConfig } from "@/api/runtime-config";
import { type Studio, useStudio } from "@/api/studio";
import { chooseFeed } from "@/live/choose-feed";
import type { ConnectionState, LiveFeed, LiveListener } from "@/live/feed";
import type { ProjectReplica } from "@/live/project-replica";

/** Follow the project; returns how well that goes. */
export function useLiveProject(replica: ProjectReplica): ConnectionState {
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
    return followProject({ feed: chooseFeed(data, studio.api), studio, replica, onConnection: setConnection });
  }, [data, studio, replica]);
  return config.failureReason === null
    ? connection
    : { kind: "reconnecting", problem: asProblem(config.failureReason) };
}

interface FollowOptions {
  feed: LiveFeed;
  studio: Pick<Studio, "api" | "queries">;
  replica: ProjectReplica;
  onConnection: (state: ConnectionState) => void;
}

/** Let `feed` keep `replica` current, and the media it shows; returns how to end it. */
export function followProject({ feed, studio, replica, onConnection }: FollowOptions): () => void {
  const { projectId } = replica;
  const { queries } = studio;
  const assets = assetsQuery(studio.api, queries, projectId).queryKey;
  const takes = takesQuery(studio.api, queries, projectId).queryKey;

  const endWatching = replica.statuses.watchAll((nodeId) => {
    const { selectedTakeId } = replica.statuses.get(nodeId);
    if (selectedTakeId !== null && isMissing(queries, takes, selectedTakeId)) {
      void queries.invalidateQueries({ queryKey: takes });
    }
  });
  const listener: LiveListener = {
    onEvents(events) {
      replica.applyEvents(events);
      if (events.some(({ type }) => type === "asset.ready" || type === "asset.rejected")) {
        void queries.invalidateQueries({ queryKey: assets });
      }
    },
    onNodeStatus: (update) => replica.applyStatus(update),
    onConnection,
  };
  const following = feed.follow(projectId, replica.openedAtRev, listener);
  const wake = () => document.visibilityState === "visible" && following.wake();
  document.addEventListener("visibilitychange", wake);
  window.addEventListener("online", wake);
  return () => {
    document.removeEventListener("visibilitychange", wake);
    window.removeEventListener("online", wake);
    following.stop();
    endWatching();
  };
}

function isMissing(queries: QueryClient, queryKey: readonly unknown[], id: string): boolean {
  const known = queries.getQueryData<ReadonlyMap<string, unknown>>(queryKey);
  return known !== undefined && !known.has(id);
}
