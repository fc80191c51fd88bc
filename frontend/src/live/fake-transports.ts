/** A server with one project, and both ways to hear of it, as fakes for the contract of the live feeds. */

import { Problem } from "@/api/problem";
import type { ConnectionState, LiveApi, LiveFeed, LiveListener } from "@/live/feed";
import { createFirestoreFeed, type DocumentListener } from "@/live/firestore-feed";
import { createSocketFeed, type SocketLike } from "@/live/socket-feed";
import { type NodeStatusUpdate, type ProjectEvent, parseEvent } from "@/live/wire";

interface Entry {
  rev: number;
  type: string;
  payload: unknown;
}

/** A server with one project: its log, its members, and whether the network reaches it. */
export class FakeServer {
  readonly log: Entry[] = [];
  isReachable = true;
  isMember = true;
  passes = 0;
  readonly #followers = new Set<() => void>();

  api: LiveApi = {
    socketTicket: async () => {
      this.#admit();
      return `ticket-${++this.passes}`;
    },
    liveToken: async () => {
      this.#admit();
      return { token: `token-${++this.passes}`, userId: "user", untilMs: Date.now() + 600_000 };
    },
    eventsAfter: async (_, cursor) => {
      this.#admit();
      return this.after(cursor).map(parseEvent);
    },
  };

  after(cursor: number): Entry[] {
    return this.log.filter((entry) => entry.rev > cursor);
  }

  get rev(): number {
    return this.log.at(-1)?.rev ?? 0;
  }

  /** Commit an event; connections that stand hear of it. */
  rename(name: string): void {
    this.log.push({ rev: this.rev + 1, type: "project.updated", payload: { name } });
    this.announce();
  }

  announce(): void {
    for (const follower of [...this.#followers]) {
      follower();
    }
  }

  onChange(follower: () => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  #admit(): void {
    if (!this.isReachable) {
      throw new TypeError("fetch failed");
    }
    if (!this.isMember) {
      throw new Problem("project_not_found", "There is no such project.", "", 404);
    }
  }
}

/** A way to carry the feed, and how it is broken. */
export interface Transport {
  feed: LiveFeed;
  /** Passes that were presented, in order. */
  presented: string[];
  /** Cut what stands; both sides notice. */
  cut(): void;
  /** From now on nothing arrives any more, and nobody is told: a machine that sleeps. */
  freeze(): void;
  open(): number;
}

class FakeSocket implements SocketLike {
  onopen: SocketLike["onopen"] = null;
  onmessage: SocketLike["onmessage"] = null;
  onclose: SocketLike["onclose"] = null;
  isFrozen = false;
  isOpen = true;
  #sent: number;
  readonly #leave: () => void;

  constructor(
    private readonly server: FakeServer,
    cursor: number,
    private readonly onGone: () => void,
  ) {
    this.#sent = cursor;
    this.#leave = server.onChange(() => this.#tell());
    queueMicrotask(() => {
      if (!server.isReachable) {
        this.cut();
        return;
      }
      this.onopen?.call(this.#self, new Event("open"));
      this.#tell();
    });
  }

  // The browser calls handlers with the socket as `this`; ours does not look at it.
  get #self(): WebSocket {
    return Object.create(WebSocket.prototype);
  }

  #receive(message: unknown): void {
    if (!this.isFrozen && this.isOpen) {
      this.onmessage?.call(this.#self, new MessageEvent("message", { data: JSON.stringify(message) }));
    }
  }

  #tell(): void {
    const events = this.server.after(this.#sent);
    if (events.length > 0 && !this.isFrozen && this.isOpen) {
      this.#sent = this.server.rev;
      this.#receive({ kind: "events", events, cursor: this.#sent });
    }
  }

  send(): void {
    queueMicrotask(() => this.#receive({ kind: "pong" }));
  }

  close(): void {
    this.isOpen = false;
    this.#leave();
    this.onGone();
  }

  cut(): void {
    this.close();
    this.onclose?.call(this.#self, new CloseEvent("close"));
  }
}

export function socketTransport(server: FakeServer): Transport {
  const sockets = new Set<FakeSocket>();
  const presented: string[] = [];
  return {
    presented,
    feed: createSocketFeed({
      api: server.api,
      openSocket: (path) => {
        const query = new URL(path, "http://studio.test").searchParams;
        presented.push(query.get("ticket") ?? "");
        const socket = new FakeSocket(server, Number(query.get("cursor")), () => sockets.delete(socket));
        sockets.add(socket);
        return socket;
      },
    }),
    cut: () => {
      for (const socket of [...sockets]) {
        socket.cut();
      }
    },
    freeze: () => {
      for (const socket of sockets) {
        socket.isFrozen = true;
      }
    },
    open: () => sockets.size,
  };
}

export function firestoreTransport(server: FakeServer): Transport {
  const listeners = new Map<DocumentListener, { isFrozen: boolean; leave: () => void }>();
  const presented: string[] = [];
  return {
    presented,
    feed: createFirestoreFeed({
      api: server.api,
      loadSource: async () => ({
        async listen(_, token, listener) {
          presented.push(token.token);
          const standing = { isFrozen: false, leave: () => {} };
          const tell = () => standing.isFrozen || listener.onProject({ rev: server.rev });
          standing.leave = server.onChange(tell);
          listeners.set(listener, standing);
          queueMicrotask(tell);
          return () => {
            standing.leave();
            if (listeners.get(listener) === standing) {
              listeners.delete(listener);
            }
          };
        },
      }),
    }),
    cut: () => {
      for (const [listener, { leave }] of [...listeners]) {
        leave();
        listener.onError();
      }
    },
    freeze: () => {
      for (const standing of listeners.values()) {
        standing.isFrozen = true;
      }
    },
    open: () => listeners.size,
  };
}

/** Keeps what a feed told. */
export class Recorder implements LiveListener {
  readonly events: ProjectEvent[] = [];
  readonly statuses: NodeStatusUpdate[] = [];
  readonly connections: ConnectionState[] = [];

  onEvents(events: readonly ProjectEvent[]): void {
    this.events.push(...events);
  }

  onNodeStatus(update: NodeStatusUpdate): void {
    this.statuses.push(update);
  }

  onConnection(state: ConnectionState): void {
    this.connections.push(state);
  }

  get revs(): number[] {
    return this.events.map((event) => event.rev);
  }

  get connection(): string | undefined {
    return this.connections.at(-1)?.kind;
  }
}
