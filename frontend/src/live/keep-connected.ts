/** Keeps a connection up: tries, waits longer after each failure, and gives up only where the api has decided. */

import { asProblem } from "@/api/problem";
import type { Following, LiveListener } from "@/live/feed";

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;

/** One try, from connecting to the end of that connection. */
export interface Attempt {
  /** Whom to tell; deaf as soon as the following was stopped. */
  listener: LiveListener;
  /** Call when the connection has proved to work: it is live, and the next failure is a first one again. */
  proven(): void;
  /** Call when the connection mends itself but is away for now. */
  interrupted(): void;
  /** Have `probe` called when the machine may have slept while connected. */
  onWake(probe: () => void): void;
  /** Aborted when the following was stopped. */
  signal: AbortSignal;
}

/**
 * Run `connect` again and again until stopped. It resolves or throws when its connection is over; a final problem (a member
 * was removed, the project is gone) or one that no repetition mends ends the following.
 */
export function keepConnected(listener: LiveListener, connect: (attempt: Attempt) => Promise<void>): Following {
  const stopping = new AbortController();
  const { signal } = stopping;
  const audience = deafAfter(signal, listener);
  let failures = 0;
  let wake = () => {};

  async function run(): Promise<void> {
    audience.onConnection({ kind: "connecting" });
    while (!signal.aborted) {
      const problem = await attempt();
      if (problem?.isFinal || problem?.code === "page_outdated") {
        audience.onConnection({ kind: "ended", problem });
        return;
      }
      audience.onConnection({ kind: "reconnecting", problem });
      await delay(retryDelayMs(failures++, Math.random()));
    }
  }

  async function attempt() {
    let isLive = false;
    try {
      await connect({
        listener: audience,
        proven() {
          failures = 0;
          if (!isLive) {
            isLive = true;
            audience.onConnection({ kind: "live" });
          }
        },
        interrupted() {
          if (isLive) {
            isLive = false;
            audience.onConnection({ kind: "reconnecting", problem: null });
          }
        },
        onWake(probe) {
          wake = probe;
        },
        signal,
      });
      return null;
    } catch (thrown) {
      return asProblem(thrown);
    } finally {
      wake = () => {};
    }
  }

  /** Resolves after `ms`, or at once when woken or stopped. */
  function delay(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener("abort", wake, { once: true });
      if (signal.aborted) {
        wake();
      }
    });
  }

  void run();
  return { wake: () => wake(), stop: () => stopping.abort() };
}

function deafAfter(signal: AbortSignal, listener: LiveListener): LiveListener {
  return {
    onEvents: (events) => signal.aborted || listener.onEvents(events),
    onNodeStatus: (update) => signal.aborted || listener.onNodeStatus(update),
    onConnection: (state) => signal.aborted || listener.onConnection(state),
  };
}

/**
 * How long to wait after `failures` failures in a row: doubling, and shortened at random by up to half, so that all the
 * clients of a server that restarted do not come back at the same moment. `random` lies in [0, 1).
 */
export function retryDelayMs(failures: number, random: number): number {
  const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** failures);
  return ceiling * (1 - random / 2);
}
