/**
 * A project that is open in this page: what the server has, kept current by the live feed, with this person's edits on top
 * from the moment they are made.
 */

import { createStore, type StoreApi } from "zustand/vanilla";
import type { Problem } from "@/api/problem";
import type { OpenProject } from "@/api/projects";
import { type EditGroup, EditQueue, type EditStore, type Saving } from "@/live/edit-queue";
import { applyChanges, type Graph, graphOf } from "@/live/graph";
import { type Gesture, History, type HistoryState, operationsOf, type SavedHistory } from "@/live/history";
import { applyEdits, type Edit, inverseOf, type Operation } from "@/live/operations";
import { StatusStore } from "@/live/status-store";
import type { NodeStatusUpdate, ProjectEvent, WireNode } from "@/live/wire";

export type Role = "owner" | "editor" | "viewer";

/** An edit that the server did not take, and was taken back here. */
export interface Refusal {
  label: string;
  problem: Problem;
}

export interface DocumentOptions {
  /** Apply operations on the server, all or none; answers the log's number of each. Throws Problem. */
  send: (operations: readonly Operation[]) => Promise<readonly number[]>;
  store: EditStore;
  history?: SavedHistory;
}

export class ProjectDocument {
  readonly projectId: string;
  readonly role: Role;
  /** The revision that was opened. */
  readonly openedAtRev: number;
  /** Where the feed begins: earlier, where the history has to learn what others did while the page was away. */
  readonly followFrom: number;
  /** The graph as this person sees it: the server's, and what was just done here. */
  readonly graph: StoreApi<Graph>;
  readonly statuses = new StatusStore();
  /** How the work of this page stands with the server. */
  readonly saving: StoreApi<Saving>;
  /** What can be undone and done again, in words. */
  readonly historyState: StoreApi<HistoryState>;
  readonly #queue: EditQueue;
  readonly #history: History;
  readonly #refusalWatchers = new Set<(refusal: Refusal) => void>();
  readonly #historyWatchers = new Set<() => void>();
  #server: Graph;
  #rev: number;

  constructor(project: OpenProject, { send, store, history }: DocumentOptions) {
    this.projectId = project.id;
    this.role = project.role === "owner" || project.role === "editor" ? project.role : "viewer";
    this.openedAtRev = this.#rev = project.rev;
    this.followFrom = Math.min(project.rev, history?.rev ?? project.rev);
    this.#server = graphOf(project);
    this.graph = createStore<Graph>(() => this.#server);
    for (const node of project.nodes) {
      this.statuses.apply(statusUpdate(node));
    }
    this.#history = new History(history);
    this.historyState = this.#history.state;
    this.#queue = new EditQueue({
      send,
      store,
      onRefused: (group, problem) => this.#refused(group, problem),
      onChange: () => this.#show(),
    });
    this.saving = this.#queue.saving;
  }

  get canEdit(): boolean {
    return this.role !== "viewer";
  }

  /** Do something: it shows at once, is one step to undo, and reaches the server as soon as possible. `label`: "move 3 nodes". */
  edit(label: string, edits: readonly Edit[], { mergeKey = null }: { mergeKey?: string | null } = {}): void {
    if (edits.length > 0 && this.canEdit) {
      this.#history.record(this.#perform(label, edits, mergeKey));
      this.#historyChanged();
    }
  }

  /** Take the last gesture back, but for what others have changed since. */
  undo(): void {
    this.#again(
      () => this.#history.takeUndo(),
      (gesture) => this.#history.recordUndone(gesture),
    );
  }

  /** Do again what was undone last. */
  redo(): void {
    this.#again(
      () => this.#history.takeRedo(),
      (gesture) => this.#history.recordRedone(gesture),
    );
  }

  /** Take in entries of the log, in their order. Those from before the project was opened concern the history only. */
  applyEvents(events: readonly ProjectEvent[]): void {
    const news = events.filter(({ rev }) => rev > this.openedAtRev);
    this.#server = applyChanges(this.#server, news);
    for (const event of news) {
      this.#applyStatusOf(event);
    }
    for (const event of events) {
      this.#history.saw(event);
      this.#rev = Math.max(this.#rev, event.rev);
    }
    this.#queue.reached(this.#rev);
    this.#show();
    this.#historyChanged();
  }

  /** Take in the live document of a node. */
  applyStatus(update: NodeStatusUpdate): void {
    this.statuses.apply(update);
  }

  /** Begin to send edits, with those that an earlier page could not. */
  start(): void {
    void this.#queue.start();
  }

  /** Send nothing more. What is unsent stays on the device. */
  stop(): void {
    this.#queue.stop();
  }

  /** The network may be back. */
  wake(): void {
    this.#queue.wake();
  }

  /** Hear of edits that the server refused; returns how to end it. */
  watchRefusals(watcher: (refusal: Refusal) => void): () => void {
    this.#refusalWatchers.add(watcher);
    return () => this.#refusalWatchers.delete(watcher);
  }

  /** Hear that the history is another one, to keep it; returns how to end it. */
  watchHistory(watcher: () => void): () => void {
    this.#historyWatchers.add(watcher);
    return () => this.#historyWatchers.delete(watcher);
  }

  saveHistory(): SavedHistory {
    return this.#history.save(this.#rev);
  }

  /** Perform the inverse of the first gesture of which anything is left to do. */
  #again(take: () => Gesture | null, record: (gesture: Omit<Gesture, "seen">) => void): void {
    for (let gesture = take(); gesture; gesture = take()) {
      const edits = this.#possible(gesture);
      if (edits.length > 0) {
        record(this.#perform(gesture.label, edits, null));
        break;
      }
    }
    this.#historyChanged();
  }

  #perform(label: string, edits: readonly Edit[], mergeKey: string | null): Omit<Gesture, "seen"> {
    const inverse = inverseOf(this.graph.getState(), edits, (nodeId) => this.statuses.get(nodeId).selectedTakeId);
    const operations = operationsOf(edits);
    for (const edit of edits) {
      if (edit.op === "update_node" && edit.selected_take_id !== undefined) {
        this.statuses.showTake(edit.node_id, edit.selected_take_id);
      }
    }
    this.#queue.add({ id: crypto.randomUUID(), label, operations });
    const operationIds = operations.map(({ operation_id }) => operation_id);
    return { label, edits, inverse, operationIds, mergeKey, madeAtMs: Date.now() };
  }

  /** What of a gesture's inverse still means something: the things it speaks of may be gone. */
  #possible({ inverse }: Gesture): Edit[] {
    const graph = this.graph.getState();
    return inverse.filter((edit) => isPossible(graph, edit));
  }

  #refused(group: EditGroup, problem: Problem): void {
    this.#history.forget(new Set(group.operations.map(({ operation_id }) => operation_id)));
    this.#historyChanged();
    for (const watcher of this.#refusalWatchers) {
      watcher({ label: group.label, problem });
    }
  }

  #show(): void {
    const { pending } = this.#queue;
    const shown = pending.length === 0 ? this.#server : applyEdits(this.#server, pending);
    if (shown !== this.graph.getState()) {
      this.graph.setState(shown, true);
    }
  }

  #historyChanged(): void {
    for (const watcher of this.#historyWatchers) {
      watcher();
    }
  }

  #applyStatusOf(event: ProjectEvent): void {
    switch (event.type) {
      case "node.created":
      case "node.restored":
        this.statuses.apply(statusUpdate(event.payload.node));
        break;
      case "node.status":
        this.statuses.apply(event.payload);
        break;
      case "node.updated":
        if (event.payload.selected_take_id) {
          this.statuses.selectTake(event.payload.node_id, event.payload.selected_take_id, event.payload.version);
        }
        break;
    }
  }
}

function isPossible({ nodes, connections }: Graph, edit: Edit): boolean {
  switch (edit.op) {
    case "update_node":
    case "delete_node":
      return nodes.has(edit.node_id);
    case "restore_node":
    case "create_node":
      return !nodes.has(edit.node_id);
    case "connect":
      return !connections.has(edit.connection_id);
    case "disconnect":
      return connections.has(edit.connection_id);
    case "update_project":
      return true;
  }
}

function statusUpdate(
  node: Pick<WireNode, "id" | "state" | "status" | "version" | "selected_take_id">,
): NodeStatusUpdate {
  const { id, state, status, version, selected_take_id } = node;
  return { node_id: id, state, status, version, selected_take_id };
}
