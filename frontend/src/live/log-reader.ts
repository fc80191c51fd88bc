/** Reads a project's log forward over the api, one request at a time. */

import type { LiveApi, LiveListener } from "@/live/feed";

/** How far the log is known. Outlives a connection, as the next one goes on from there. */
export interface LogPosition {
  cursor: number;
}

export class LogReader {
  #wanted = 0;
  #reading: Promise<void> | null = null;

  constructor(
    private readonly api: Pick<LiveApi, "eventsAfter">,
    private readonly projectId: string,
    private readonly position: LogPosition,
    private readonly listener: Pick<LiveListener, "onEvents">,
  ) {}

  /** Read up to the revision `rev`, unless that is known already. Throws Problem. */
  async reach(rev: number): Promise<void> {
    this.#wanted = Math.max(this.#wanted, rev);
    if (this.#wanted > this.position.cursor) {
      await this.#read();
    }
  }

  /** Read whatever there is by now. Throws Problem. */
  async catchUp(): Promise<void> {
    await this.#reading; // it may have asked before the moment we are to catch up with
    await this.#read();
  }

  #read(): Promise<void> {
    this.#reading ??= this.#readOn().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #readOn(): Promise<void> {
    do {
      const events = await this.api.eventsAfter(this.projectId, this.position.cursor);
      // A request of a connection that has since been replaced may have told some of these already.
      const fresh = events.filter((event) => event.rev > this.position.cursor);
      const last = fresh.at(-1);
      if (!last) {
        return;
      }
      this.position.cursor = last.rev;
      this.listener.onEvents(fresh);
    } while (this.#wanted > this.position.cursor);
  }
}
