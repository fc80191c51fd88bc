// @vitest-environment jsdom
/** How an open project is kept current, and when its media are asked for anew. */

import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { createApiClient } from "@/api/client";
import { takesQuery } from "@/api/media";
import { Session } from "@/api/session";
import type { LiveFeed, LiveListener } from "@/live/feed";
import { aDocument, aNode, aProject, aStatus } from "@/live/test-builders";
import { followProject } from "@/live/use-live-project";

/** A feed that a test speaks through. */
function aFeed() {
  const state = { listener: null as LiveListener | null, cursor: 0, wakes: 0, stops: 0 };
  const feed: LiveFeed = {
    follow(_, cursor, listener) {
      state.listener = listener;
      state.cursor = cursor;
      return {
        wake: () => {
          state.wakes += 1;
        },
        stop: () => {
          state.stops += 1;
        },
      };
    },
  };
  return { feed, state };
}

function aStudio() {
  const calls: string[] = [];
  const server: typeof fetch = async (input) => {
    calls.push(new URL(new Request(input).url).pathname);
    return Response.json([]);
  };
  const api = createApiClient(new Session({ baseUrl: "http://studio.test", fetch: server }), {
    baseUrl: "http://studio.test",
    fetch: server,
  });
  return { studio: { api, queries: new QueryClient() }, calls };
}

test("goes on from the revision that was opened, and tells the project", () => {
  const project = aDocument(aProject([aNode()], { rev: 42 }));
  const { feed, state } = aFeed();
  const stop = followProject({ feed, studio: aStudio().studio, project, onConnection: () => {} });

  state.listener?.onNodeStatus(aStatus());

  expect(state.cursor).toBe(42);
  expect(project.statuses.get("node").status.state).toBe("running");
  stop();
  expect(state.stops).toBe(1);
});

test("looks at the connection when the page is seen again or the network is back, and not after it was stopped", () => {
  const { feed, state } = aFeed();
  const project = aDocument(aProject([]));
  const stop = followProject({ feed, studio: aStudio().studio, project, onConnection: () => {} });

  document.dispatchEvent(new Event("visibilitychange"));
  window.dispatchEvent(new Event("online"));
  expect(state.wakes).toBe(2);

  stop();
  window.dispatchEvent(new Event("online"));
  expect(state.wakes).toBe(2);
});

test("a take that nobody here has heard of is fetched once it is shown", async () => {
  const project = aDocument(aProject([aNode()]));
  const { studio, calls } = aStudio();
  const { feed, state } = aFeed();
  const stop = followProject({ feed, studio, project, onConnection: () => {} });
  const takes = takesQuery(studio.api, studio.queries, project.projectId);
  await studio.queries.fetchQuery(takes);
  const unsubscribe = new QueryObserver(studio.queries, takes).subscribe(() => {});

  state.listener?.onNodeStatus(aStatus({ version: 2 }));
  expect(calls).toHaveLength(1);
  state.listener?.onNodeStatus(aStatus({ version: 3, state: "succeeded", selected_take_id: "take" }));
  await studio.queries.fetchQuery(takes);

  expect(calls).toHaveLength(2);
  unsubscribe();
  stop();
});
