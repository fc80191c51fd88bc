/**
 * What each node is doing, beside the graph: a change wakes only those who watch that node, so that a hundred messages a
 * second paint a hundred cards and not the page.
 */

import { useCallback, useSyncExternalStore } from "react";
import { type NodeStatus, parseNodeStatus } from "@/live/node-status";
import type { NodeStatusUpdate } from "@/live/wire";

export interface NodeMoment {
  status: NodeStatus;
  /** The take that the node shows, where it has results. */
  selectedTakeId: string | null;
  version: number;
}

const UNKNOWN_NODE: NodeMoment = { status: { state: "idle" }, selectedTakeId: null, version: 0 };

export class StatusStore {
  readonly #moments = new Map<string, NodeMoment>();
  readonly #watchers = new Map<string, Set<() => void>>();
  readonly #watchersOfAll = new Set<(nodeId: string, before: NodeMoment) => void>();

  /** Take in a state from the api, the log or a live document; false where a newer one is known. */
  apply(update: NodeStatusUpdate): boolean {
    const known = this.#moments.get(update.node_id);
    if (known && known.version >= update.version) {
      return false;
    }
    this.#set(update.node_id, {
      status: parseNodeStatus(update.state, update.status),
      // Left out means unchanged: the log names a take only with a node that has one.
      selectedTakeId: update.selected_take_id ?? known?.selectedTakeId ?? null,
      version: update.version,
    });
    return true;
  }

  /** Take in that a person chose another take. */
  selectTake(nodeId: string, takeId: string, version: number): void {
    const known = this.get(nodeId);
    if (known.version < version) {
      this.#set(nodeId, { ...known, selectedTakeId: takeId, version });
    }
  }

  /** Show a take that a person here has just chosen; the log will confirm it. */
  showTake(nodeId: string, takeId: string): void {
    this.#set(nodeId, { ...this.get(nodeId), selectedTakeId: takeId });
  }

  /** The node as it is now; an unknown node is idle. */
  get(nodeId: string): NodeMoment {
    return this.#moments.get(nodeId) ?? UNKNOWN_NODE;
  }

  /** Watch one node; returns how to end it. */
  watch(nodeId: string, watcher: () => void): () => void {
    const watchers = this.#watchers.get(nodeId) ?? new Set();
    this.#watchers.set(nodeId, watchers.add(watcher));
    return () => {
      watchers.delete(watcher);
    };
  }

  /** Watch every node, and hear how it was until now; returns how to end it. */
  watchAll(watcher: (nodeId: string, before: NodeMoment) => void): () => void {
    this.#watchersOfAll.add(watcher);
    return () => {
      this.#watchersOfAll.delete(watcher);
    };
  }

  #set(nodeId: string, moment: NodeMoment): void {
    const before = this.get(nodeId);
    this.#moments.set(nodeId, moment);
    for (const watcher of this.#watchers.get(nodeId) ?? []) {
      watcher();
    }
    for (const watcher of this.#watchersOfAll) {
      watcher(nodeId, before);
    }
  }
}

/** One node as it is now; renders again only when that node changes. */
export function useNodeMoment(statuses: StatusStore, nodeId: string): NodeMoment {
  const watch = useCallback((watcher: () => void) => statuses.watch(nodeId, watcher), [statuses, nodeId]);
  const read = () => statuses.get(nodeId);
  return useSyncExternalStore(watch, read, read);
}
