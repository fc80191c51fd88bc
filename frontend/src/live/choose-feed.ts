/** The feed of this installation, wired to the api and the browser. */

import { type ApiClient, answered } from "@/api/client";
import type { RuntimeConfig } from "@/api/runtime-config";
import type { LiveApi, LiveFeed } from "@/live/feed";
import { createFirestoreFeed } from "@/live/firestore-feed";
import { createSocketFeed, openOwnSocket } from "@/live/socket-feed";
import { parseEvent } from "@/live/wire";

/** The feed that `config` asks for. */
export function chooseFeed(config: RuntimeConfig, api: ApiClient): LiveFeed {
  const liveApi = createLiveApi(api);
  switch (config.live) {
    case "ws":
      return createSocketFeed({ api: liveApi, openSocket: openOwnSocket });
    case "firestore":
      return createFirestoreFeed({
        api: liveApi,
        loadSource: async () => (await import("@/live/firestore-source")).createFirestoreSource(config.firestore),
      });
  }
}

function createLiveApi(api: ApiClient): LiveApi {
  return {
    async socketTicket(projectId) {
      const path = { project_id: projectId };
      return (await answered(api.POST("/api/projects/{project_id}/socket-ticket", { params: { path } }))).ticket;
    },
    async liveToken() {
      const { token, user_id, until } = await answered(api.POST("/api/auth/live-token"));
      return { token, userId: user_id, untilMs: Date.parse(until) };
    },
    async eventsAfter(projectId, cursor) {
      const params = { path: { project_id: projectId }, query: { after: cursor } };
      const { events } = await answered(api.GET("/api/projects/{project_id}/events", { params }));
      return events.map(parseEvent);
    },
  };
}
