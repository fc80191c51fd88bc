/**
 * The feed over Firestore: documents of the nodes that move, and the project's revision. What has no document of its own
 * (edits, queued nodes) is fetched from the project's log when the revision moves.
 */

import { Problem } from "@/api/problem";
import type { LiveApi, LiveFeed, LiveToken } from "@/live/feed";
import { type Attempt, keepConnected } from "@/live/keep-connected";
import { LogReader } from "@/live/log-reader";
import { parseLiveNode, parseRevision } from "@/live/wire";

/** The next token is asked for this long before the present one ends: enough for a slow request and a second one. */
const RENEW_AHEAD_MS = 60_000;

/** What a source tells; documents as they are on the wire. */
export interface DocumentListener {
  /** projects/{id}, as the server has it; undefined while there is no such document. */
  onProject(document: unknown): void;
  /** projects/{id}/live/{node}: one that was added or changed. */
  onNode(document: unknown): void;
  /** The source has lost the server and looks for it by itself. */
  onInterrupted(): void;
  /** The source has given up. */
  onError(): void;
}

/** The part of Firestore's SDK that the feed uses. */
export interface DocumentSource {
  /** Listen to a project's documents in the name of `token`; returns how to end it. */
  listen(projectId: string, token: LiveToken, listener: DocumentListener): Promise<() => void>;
}

export interface FirestoreFeedOptions {
  api: Pick<LiveApi, "liveToken" | "eventsAfter">;
  /** Loads the SDK, which is large, when it is first needed. */
  loadSource: () => Promise<DocumentSource>;
}

/** A feed over Firestore's listener. */
export function createFirestoreFeed({ api, loadSource }: FirestoreFeedOptions): LiveFeed {
  return {
    follow(projectId, cursor, listener) {
      const position = { cursor };
      return keepConnected(listener, async (attempt) => {
        const source = await loadSource();
        attempt.signal.throwIfAborted();
        const log = new LogReader(api, projectId, position, attempt.listener);
        await listen({ source, projectId, log, attempt, nextToken: () => api.liveToken() });
      });
    },
  };
}

interface Listening {
  source: DocumentSource;
  projectId: string;
  log: LogReader;
  attempt: Attempt;
  nextToken: () => Promise<LiveToken>;
}

/** Listen until the following is stopped, renewing the token in time; rejects with what broke it. */
async function listen({ source, projectId, log, attempt, nextToken }: Listening): Promise<void> {
  const over = new AbortController();
  let endListening = () => {};
  let renewal: ReturnType<typeof setTimeout> | undefined;

  async function renew(documents: DocumentListener, later: (work: () => Promise<void>) => void): Promise<void> {
    const token = await nextToken();
    const endNext = await source.listen(projectId, token, documents);
    if (over.signal.aborted) {
      endNext();
      return;
    }
    endListening(); // only now, so that nothing falls between two listeners
    endListening = endNext;
    const aheadMs = Math.max(0, token.untilMs - Date.now() - RENEW_AHEAD_MS);
    renewal = setTimeout(() => later(() => renew(documents, later)), aheadMs);
  }

  try {
    await new Promise<void>((resolve, reject) => {
      const attend = (work: () => Promise<void>) => {
        if (!over.signal.aborted) {
          work().catch(reject);
        }
      };
      const documents: DocumentListener = {
        onProject: (document) =>
          attend(async () => {
            if (document !== undefined) {
              await log.reach(parseRevision(document));
            }
            attempt.proven();
          }),
        onNode: (document) => attend(async () => attempt.listener.onNodeStatus(parseLiveNode(document))),
        onInterrupted: () => attempt.interrupted(),
        onError: () => reject(new Problem("listener_failed", "Firestore ended the listener.")),
      };
      attempt.signal.addEventListener("abort", () => resolve(), { once: true });
      attempt.onWake(() => attend(() => log.catchUp()));
      attend(() => renew(documents, attend));
      // What happened before the listener stood, and the api's word on whether we may listen at all.
      attend(() => log.catchUp());
    });
  } finally {
    over.abort();
    clearTimeout(renewal);
    endListening();
  }
}
