/** How a page follows a project: one interface, whichever way the installation tells of changes. */

import type { Problem } from "@/api/problem";
import type { NodeStatusUpdate, ProjectEvent } from "@/live/wire";

/** How well the page is connected to what happens. */
export type ConnectionState =
  | { kind: "connecting" }
  | { kind: "live" }
  /** It broke; what is missed meanwhile is fetched when it is back. */
  | { kind: "reconnecting"; problem: Problem | null }
  /** Following has ended for good, for example because this person was removed. */
  | { kind: "ended"; problem: Problem };

export interface LiveListener {
  /** Entries of the log: all of them after the cursor, in order, each once. */
  onEvents(events: readonly ProjectEvent[]): void;
  /** The state of a node that moves, perhaps before the log tells of it and perhaps late: the newer version counts. */
  onNodeStatus(update: NodeStatusUpdate): void;
  onConnection(state: ConnectionState): void;
}

export interface Following {
  /** The machine may have slept or changed networks: look at once whether the connection still stands, and catch up. */
  wake(): void;
  /** Tell nothing more, and let go of everything. */
  stop(): void;
}

export interface LiveFeed {
  /** Tell `listener` what happens in a project after the revision `cursor`, until it is stopped. */
  follow(projectId: string, cursor: number, listener: LiveListener): Following;
}

/** What feeds ask the api for. Each throws Problem. */
export interface LiveApi {
  /** A pass for one WebSocket, good for 30 seconds. */
  socketTicket(projectId: string): Promise<string>;
  /** A pass for the Firestore listener. */
  liveToken(): Promise<LiveToken>;
  /** Entries of the log after `cursor`, in order; several hundred at most. */
  eventsAfter(projectId: string, cursor: number): Promise<readonly ProjectEvent[]>;
}

export interface LiveToken {
  token: string;
  userId: string;
  /** When listening has to be renewed, in milliseconds since the epoch. */
  untilMs: number;
}
