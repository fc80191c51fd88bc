/**
 * Pictures that people have handed to image nodes of this page: which wait for an answer about consent, how far each is on its
 * way, and what went wrong. Beside the nodes, because a card leaves the page while its picture is still on its way.
 */

import { createStore, type StoreApi } from "zustand/vanilla";
import type { ApiClient } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import { faultOfFile, type Put, sendFile, startUpload, type UploadSession } from "@/api/uploads";
import type { ProjectDocument } from "@/live/project-document";
import { whenSaved } from "@/nodes/when-saved";

export type Upload =
  /** May faces be looked for in it? Nothing was sent yet. */
  | { kind: "asking"; file: File }
  | { kind: "starting"; file: File }
  | { kind: "sending"; file: File; sentBytes: number }
  /** The network is away; it goes on by itself. */
  | { kind: "interrupted"; file: File; sentBytes: number; problem: Problem }
  /** `canRetry`: the same picture may be tried again. */
  | { kind: "failed"; file: File; problem: Problem; canRetry: boolean };

/** Where a picture goes. */
export interface Destination {
  api: ApiClient;
  project: Pick<ProjectDocument, "projectId" | "saving">;
}

/** What is kept of one upload besides what people see of it. */
interface Work {
  destination: Destination;
  file: File;
  key: string;
  hasConsent: boolean;
  session: UploadSession | null;
  stopping: AbortController;
}

export class Uploads {
  /** By the id of the image node; a node without an upload is not in it. */
  readonly state: StoreApi<ReadonlyMap<string, Upload>> = createStore<ReadonlyMap<string, Upload>>(() => new Map());
  readonly #work = new Map<string, Work>();
  readonly #put: Put | undefined;

  constructor(put?: Put) {
    this.#put = put;
  }

  /** A person gave `file` to a node: it waits for the answer about consent, or says at once why it is none. */
  offer(destination: Destination, nodeId: string, file: File): void {
    this.cancel(nodeId);
    const problem = faultOfFile(file);
    if (problem) {
      this.#show(nodeId, { kind: "failed", file, problem, canRetry: false });
      return;
    }
    const key = crypto.randomUUID();
    const stopping = new AbortController();
    this.#work.set(nodeId, { destination, file, key, hasConsent: false, session: null, stopping });
    this.#show(nodeId, { kind: "asking", file });
  }

  /** The people in the picture agree to face analysis, or it is only a picture: send it. */
  answer(nodeId: string, hasConsent: boolean): void {
    const work = this.#work.get(nodeId);
    if (work && this.state.getState().get(nodeId)?.kind === "asking") {
      work.hasConsent = hasConsent;
      void this.#send(nodeId, work);
    }
  }

  /** The same answer for all pictures that wait for one. */
  answerAll(hasConsent: boolean): void {
    for (const nodeId of this.waiting()) {
      this.answer(nodeId, hasConsent);
    }
  }

  /** Ids of the nodes whose pictures wait for an answer. */
  waiting(): string[] {
    return [...this.state.getState()].filter(([, { kind }]) => kind === "asking").map(([nodeId]) => nodeId);
  }

  /** Go on after a failure, where the picture stopped. */
  retry(nodeId: string): void {
    const work = this.#work.get(nodeId);
    if (work && this.state.getState().get(nodeId)?.kind === "failed") {
      void this.#send(nodeId, work);
    }
  }

  /** Send no more of it, and forget it. */
  cancel(nodeId: string): void {
    this.#work.get(nodeId)?.stopping.abort();
    this.#work.delete(nodeId);
    this.#show(nodeId, null);
  }

  async #send(nodeId: string, work: Work): Promise<void> {
    const { destination, file, stopping } = work;
    const { signal } = stopping;
    let sentBytes = 0;
    this.#show(nodeId, { kind: "starting", file });
    try {
      await whenSaved(destination.project, signal); // the server has to know the node
      work.session ??= await startUpload(destination.api, {
        projectId: destination.project.projectId,
        nodeId,
        file,
        hasConsent: work.hasConsent,
        key: work.key,
      });
      signal.throwIfAborted();
      this.#show(nodeId, { kind: "sending", file, sentBytes });
      await sendFile({
        url: work.session.url,
        file,
        signal,
        put: this.#put,
        onProgress: (sent) => {
          sentBytes = sent;
          this.#show(nodeId, { kind: "sending", file, sentBytes }, signal);
        },
        onInterrupted: (problem) => this.#show(nodeId, { kind: "interrupted", file, sentBytes, problem }, signal),
      });
      this.#work.delete(nodeId);
      this.#show(nodeId, null);
    } catch (thrown) {
      if (!signal.aborted) {
        this.#failed(nodeId, work, asProblem(thrown));
      }
    }
  }

  #failed(nodeId: string, work: Work, problem: Problem): void {
    if (problem.code === "upload_lost") {
      work.session = null;
      work.key = crypto.randomUUID(); // the old key would bring the lapsed session again
    }
    const canRetry = problem.isPassing || problem.code === "upload_lost";
    this.#show(nodeId, { kind: "failed", file: work.file, problem, canRetry });
  }

  #show(nodeId: string, upload: Upload | null, signal?: AbortSignal): void {
    const before = this.state.getState();
    if (signal?.aborted || (upload === null && !before.has(nodeId))) {
      return;
    }
    const now = new Map(before);
    if (upload === null) {
      now.delete(nodeId);
    } else {
      now.set(nodeId, upload);
    }
    this.state.setState(now, true);
  }
}

/** The uploads of this page. */
export const uploads = new Uploads();
