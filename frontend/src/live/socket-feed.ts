/** The feed over /ws/projects/{id}: the project's log from a cursor on, replayed after every interruption. */

import type { LiveApi, LiveFeed } from "@/live/feed";
import { type Attempt, keepConnected } from "@/live/keep-connected";
import { parseEvent, parseSocketMessage, type SocketMessage } from "@/live/wire";

/** A silent connection is asked this often whether it still stands; intermediaries drop what says nothing for a minute. */
const PING_INTERVAL_MS = 25_000;
/** An answer to a ping that takes longer means that the connection is dead, though nobody told us. */
const PONG_DEADLINE_MS = 4_000;
const PING = JSON.stringify({ kind: "ping" });

/** The part of the browser's WebSocket that the feed uses. */
export type SocketLike = Pick<WebSocket, "send" | "close" | "onopen" | "onmessage" | "onclose">;

export interface SocketFeedOptions {
  api: Pick<LiveApi, "socketTicket">;
  /** Open a socket to a path of our own origin. */
  openSocket: (path: string) => SocketLike;
}

/** A feed over WebSockets. */
export function createSocketFeed({ api, openSocket }: SocketFeedOptions): LiveFeed {
  return {
    follow(projectId, cursor, listener) {
      let seen = cursor;
      return keepConnected(listener, async (attempt) => {
        const ticket = await api.socketTicket(projectId);
        if (attempt.signal.aborted) {
          return;
        }
        const query = new URLSearchParams({ ticket, cursor: String(seen) });
        await hear(openSocket(`/ws/projects/${projectId}?${query}`), attempt, (message) => {
          if (message.kind !== "events") {
            return;
          }
          const fresh = message.events.filter((entry) => entry.rev > seen).map(parseEvent);
          const last = fresh.at(-1);
          if (last) {
            seen = last.rev;
            attempt.listener.onEvents(fresh);
          }
        });
      });
    },
  };
}

/** Hear one socket until it closes or falls silent; rejects where it says something that cannot be understood. */
function hear(socket: SocketLike, attempt: Attempt, onMessage: (message: SocketMessage) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let pinging: ReturnType<typeof setInterval> | undefined;
    let deadline: ReturnType<typeof setTimeout> | undefined;

    function end(settle: () => void): void {
      clearInterval(pinging);
      clearTimeout(deadline);
      attempt.signal.removeEventListener("abort", leave);
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
      settle();
    }
    function leave(): void {
      end(resolve);
    }
    function ping(): void {
      socket.send(PING);
      clearTimeout(deadline);
      deadline = setTimeout(leave, PONG_DEADLINE_MS);
    }

    attempt.signal.addEventListener("abort", leave, { once: true });
    socket.onclose = leave;
    socket.onopen = () => {
      pinging = setInterval(ping, PING_INTERVAL_MS);
      attempt.onWake(ping);
      ping(); // the server refuses only after it has accepted: an answer proves that we are in
    };
    socket.onmessage = ({ data }) => {
      clearTimeout(deadline);
      try {
        onMessage(parseSocketMessage(String(data)));
        attempt.proven();
      } catch (thrown) {
        end(() => reject(thrown));
      }
    };
  });
}

/** Open a WebSocket to a path of the page's own origin. */
export function openOwnSocket(path: string): SocketLike {
  const address = new URL(path, window.location.href);
  address.protocol = address.protocol.replace("http", "ws");
  return new WebSocket(address);
}
