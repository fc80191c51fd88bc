/** Runs the layout worker: one layout at a time, with its state for buttons to show. */

import * as z from "zod/mini";
import { createStore, type StoreApi } from "zustand/vanilla";
import { layoutRequests, layoutStep, nodesToArrange } from "@/canvas/editing/auto-layout";
import type { EditStep, NotDone } from "@/canvas/editing/edit-step";
import type { LayoutPlace, LayoutRequest } from "@/canvas/editing/layout-request";
import type { Graph } from "@/live/graph";

const answer = z.array(
  z.object({ id: z.string(), x: z.number(), y: z.number(), width: z.number(), height: z.number() }),
);

/** Answers the new places of all requests; rejects where the worker failed. */
export type Arrange = (requests: readonly LayoutRequest[]) => Promise<readonly LayoutPlace[]>;

export type LayoutState = { kind: "idle" } | { kind: "working"; nodes: number };

export class LayoutRunner {
  readonly state: StoreApi<LayoutState> = createStore<LayoutState>(() => ({ kind: "idle" }));
  readonly #arrange: Arrange;

  constructor(arrange: Arrange = arrangeInWorker) {
    this.#arrange = arrange;
  }

  /** Lay out the selection, or all. `readGraph` is asked again at the end: people go on working meanwhile. */
  async run(readGraph: () => Graph, selected: ReadonlySet<string>): Promise<EditStep | NotDone | null> {
    if (this.state.getState().kind === "working") {
      return null;
    }
    const nodeIds = nodesToArrange(readGraph(), selected);
    this.state.setState({ kind: "working", nodes: nodeIds.size }, true);
    try {
      const places = await this.#arrange(layoutRequests(readGraph(), nodeIds));
      return layoutStep(readGraph(), places);
    } catch {
      return { message: "The nodes could not be laid out.", advice: "Try a part of them: select it first." };
    } finally {
      this.state.setState({ kind: "idle" }, true);
    }
  }
}

const arrangeInWorker: Arrange = (requests) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<unknown>) => {
      worker.terminate();
      const places = answer.safeParse(data);
      places.success ? resolve(places.data) : reject(places.error);
    };
    worker.onerror = () => {
      worker.terminate();
      reject(new Error("The layout worker failed."));
    };
    worker.postMessage(requests);
  });
