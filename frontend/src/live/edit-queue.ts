/**
 * Edits on their way to the server: sent in order and at once, kept through an outage and a reload, dropped only where the
 * server refuses them. The server applies an operation once however often it arrives, so sending again is always safe.
 */

import { createStore, type StoreApi } from "zustand/vanilla";
import { asProblem, type Problem } from "@/api/problem";
import { retryDelayMs } from "@/live/keep-connected";
import type { Operation } from "@/live/operations";

/** As many as the api takes at once. */
const LARGEST_BATCH = 1_000;

/** Operations that belong together: all of them are kept, or none. */
export interface EditGroup {
  id: string;
  label: string;
  operations: readonly Operation[];
}

/** How the work of this page stands with the server. */
export type Saving =
  | { kind: "saved" }
  | { kind: "saving" }
  /** The server cannot be reached. The edits are kept on this device and sent as soon as it can. */
  | { kind: "offline"; edits: number; problem: Problem };

/** Where edits wait through a reload. */
export interface EditStore {
  /** What this and earlier pages left. */
  load(): Promise<readonly EditGroup[]>;
  save(groups: readonly EditGroup[]): Promise<void>;
}

export interface EditQueueOptions {
  /** Apply operations on the server, all or none; answers the log's number of each. Throws Problem. */
  send: (operations: readonly Operation[]) => Promise<readonly number[]>;
  store: EditStore;
  /** A group was refused: it is not in the queue any more. */
  onRefused: (group: EditGroup, problem: Problem) => void;
  /** What is pending has changed. */
  onChange: () => void;
}

export class EditQueue {
  readonly saving: StoreApi<Saving> = createStore<Saving>(() => ({ kind: "saved" }));
  readonly #options: EditQueueOptions;
  #unsent: EditGroup[] = [];
  /** Committed, but the log has not told of them yet: the highest number of each group. */
  #sent: { group: EditGroup; rev: number }[] = [];
  #restored: Promise<void> | null = null;
  #isRestored = false;
  #isSending = false;
  #isStopped = true;
  /** How far the log is known. */
  #known = 0;
  #failures = 0;
  /** So many groups go one by one: together they were refused, and one of them is why. */
  #suspects = 0;
  #endRest = () => {};

  constructor(options: EditQueueOptions) {
    this.#options = options;
  }

  /** What the graph has to show besides what the log tells, in order. */
  get pending(): Operation[] {
    return [...this.#sent.map(({ group }) => group), ...this.#unsent].flatMap(({ operations }) => operations);
  }

  /** Begin to send, with what an earlier page left unsent. */
  async start(): Promise<void> {
    this.#isStopped = false;
    this.#restored ??= this.#restore();
    await this.#restored;
    await this.#drain();
  }

  async #restore(): Promise<void> {
    const left = await this.#options.store.load();
    if (left.length > 0) {
      this.#unsent = [...left, ...this.#unsent];
      this.#changed();
    }
    this.#isRestored = true;
  }

  add(group: EditGroup): void {
    this.#unsent.push(group);
    this.#changed();
    void this.#drain();
  }

  /** The log is known up to `rev`: what it told of need not be kept beside it. */
  reached(rev: number): void {
    this.#known = rev;
    if (this.#sent.some((sent) => sent.rev <= rev)) {
      this.#forgetTold();
      this.#options.onChange();
    }
  }

  #forgetTold(): void {
    this.#sent = this.#sent.filter(({ rev }) => rev > this.#known);
  }

  /** The network may be back: try at once. */
  wake(): void {
    this.#endRest();
    void this.#drain();
  }

  /** Send nothing more; what is unsent stays in the store. */
  stop(): void {
    this.#isStopped = true;
    this.#endRest();
  }

  async #drain(): Promise<void> {
    // What an earlier page left comes first.
    if (this.#isSending || !this.#isRestored) {
      return;
    }
    this.#isSending = true;
    while (this.#unsent.length > 0 && !this.#isStopped) {
      const problem = await this.#sendNext();
      if (problem) {
        this.saving.setState({ kind: "offline", edits: this.#unsent.length, problem }, true);
        await this.#rest();
      }
    }
    this.#isSending = false;
  }

  /** Send what fits into one request. Answers the problem where nobody could decide about it. */
  async #sendNext(): Promise<Problem | null> {
    const batch = this.#nextBatch();
    try {
      await this.#send(batch);
    } catch (thrown) {
      const problem = asProblem(thrown);
      if (problem.isPassing || problem.status === 401 || problem.status === 429) {
        return problem;
      }
      if (batch.length > 1) {
        this.#suspects = batch.length;
        return null;
      }
      this.#settle(batch);
      for (const group of batch) {
        this.#options.onRefused(group, problem);
      }
    }
    return null;
  }

  #nextBatch(): readonly EditGroup[] {
    if (this.#suspects > 0) {
      return this.#unsent.slice(0, 1);
    }
    const batch: EditGroup[] = [];
    let size = 0;
    for (const group of this.#unsent) {
      size += group.operations.length;
      if (batch.length > 0 && size > LARGEST_BATCH) {
        break;
      }
      batch.push(group);
    }
    return batch;
  }

  async #send(batch: readonly EditGroup[]): Promise<void> {
    const operations = batch.flatMap((group) => group.operations);
    let rev = 0;
    for (let from = 0; from < operations.length; from += LARGEST_BATCH) {
      const revs = await this.#options.send(operations.slice(from, from + LARGEST_BATCH));
      rev = Math.max(rev, ...revs);
    }
    this.#failures = 0;
    this.#sent.push(...batch.map((group) => ({ group, rev })));
    this.#forgetTold(); // the log may have been quicker than the answer
    this.#settle(batch);
  }

  /** These are decided: sent, or refused. */
  #settle(batch: readonly EditGroup[]): void {
    this.#suspects = Math.max(0, this.#suspects - batch.length);
    this.#unsent = this.#unsent.slice(batch.length);
    this.saving.setState({ kind: this.#unsent.length === 0 ? "saved" : "saving" }, true);
    this.#changed();
  }

  #changed(): void {
    if (this.#unsent.length > 0 && this.saving.getState().kind === "saved") {
      this.saving.setState({ kind: "saving" }, true);
    }
    void this.#options.store.save(this.#unsent);
    this.#options.onChange();
  }

  #rest(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, retryDelayMs(this.#failures++, Math.random()));
      this.#endRest = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
