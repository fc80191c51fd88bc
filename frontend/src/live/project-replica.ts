/** A project that is open in this page: what the server has, kept current by the live feed. It holds nothing of its own. */

import { createStore, type StoreApi } from "zustand/vanilla";
import type { OpenProject } from "@/api/projects";
import { applyEvents, type Graph, graphOf } from "@/live/graph";
import { StatusStore } from "@/live/status-store";
import type { NodeStatusUpdate, ProjectEvent, WireNode } from "@/live/wire";

export class ProjectReplica {
  readonly projectId: string;
  /** The revision that was opened: the feed goes on from there. */
  readonly openedAtRev: number;
  readonly graph: StoreApi<Graph>;
  readonly statuses = new StatusStore();

  constructor(project: OpenProject) {
    this.projectId = project.id;
    this.openedAtRev = project.rev;
    this.graph = createStore<Graph>(() => graphOf(project));
    for (const node of project.nodes) {
      this.statuses.apply(statusUpdate(node));
    }
  }

  /** Take in entries of the log, in their order. */
  applyEvents(events: readonly ProjectEvent[]): void {
    this.graph.setState((graph) => applyEvents(graph, events));
    for (const event of events) {
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

  /** Take in the live document of a node. */
  applyStatus(update: NodeStatusUpdate): void {
    this.statuses.apply(update);
  }
}

function statusUpdate(
  node: Pick<WireNode, "id" | "state" | "status" | "version" | "selected_take_id">,
): NodeStatusUpdate {
  const { id, state, status, version, selected_take_id } = node;
  return { node_id: id, state, status, version, selected_take_id };
}
