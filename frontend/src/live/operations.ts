/** Edits of a graph as the api takes them (services/core/projects/operations.py), what each does here, and how it is undone. Pure. */

import { applyChanges, type Graph, type GraphChange, type NodeConfig, type Position } from "@/live/graph";

/** One change of a project. In `config` of an update, only the fields that change. */
export type Edit =
  | { op: "create_node"; node_id: string; type: string; title: string; position: Position; config: NodeConfig }
  | UpdateNode
  | { op: "delete_node"; node_id: string }
  | { op: "restore_node"; node_id: string }
  | {
      op: "connect";
      connection_id: string;
      source_node_id: string;
      source_port: string;
      target_node_id: string;
      target_port: string;
    }
  | { op: "disconnect"; connection_id: string }
  | { op: "update_project"; name: string };

export interface UpdateNode {
  op: "update_node";
  node_id: string;
  title?: string;
  position?: Position;
  config?: NodeConfig;
  selected_take_id?: string;
}

/** An edit on its way: however often it is sent, it is applied once. */
export type Operation = Edit & { operation_id: string };

/** `graph` after `edits`, as the server will tell of them. */
export function applyEdits(graph: Graph, edits: readonly Edit[]): Graph {
  return applyChanges(graph, edits.map(changeOf));
}

function changeOf(edit: Edit): GraphChange {
  switch (edit.op) {
    case "create_node": {
      const { node_id, type, title, position, config } = edit;
      const unmade = { state: "idle", status: {}, version: 0, selected_take_id: null };
      return { type: "node.created", payload: { node: { id: node_id, type, title, position, config, ...unmade } } };
    }
    case "update_node": {
      const { op: _, ...change } = edit;
      return { type: "node.updated", payload: { ...change, version: 0 } };
    }
    case "delete_node":
      return { type: "node.deleted", payload: { node_id: edit.node_id } };
    case "restore_node":
      return { type: "removal.undone", node_id: edit.node_id };
    case "connect": {
      const { op: _, connection_id: id, ...ends } = edit;
      return { type: "connection.created", payload: { connection: { id, ...ends } } };
    }
    case "disconnect":
      return { type: "connection.deleted", payload: { connection_id: edit.connection_id } };
    case "update_project":
      return { type: "project.updated", payload: { name: edit.name } };
  }
}

/** What the inverse of an edit needs to know besides the graph. */
export type SelectedTake = (nodeId: string) => string | null;

/** What takes `edits` back, in the order to do it in; `graph` is the graph before them. */
export function inverseOf(graph: Graph, edits: readonly Edit[], selectedTake: SelectedTake): Edit[] {
  const inverses: Edit[] = [];
  let now = graph;
  let untilNow = 0;
  const touched = new Set<string>();
  for (const [index, edit] of edits.entries()) {
    const touches = touchedBy(edit);
    if (touched.has(touches)) {
      // Only what a gesture touches again needs the graph in between: making it for each edit would take long for thousands.
      now = applyEdits(now, edits.slice(untilNow, index));
      untilNow = index;
      touched.clear();
    }
    touched.add(touches);
    const inverse = inverseOfOne(now, edit, selectedTake);
    if (inverse) {
      inverses.push(inverse);
    }
  }
  return inverses.reverse();
}

/** The one thing whose state before decides how the edit is undone. */
function touchedBy(edit: Edit): string {
  switch (edit.op) {
    case "connect":
    case "disconnect":
      return edit.connection_id;
    case "update_project":
      return "project";
    default:
      return edit.node_id;
  }
}

function inverseOfOne(graph: Graph, edit: Edit, selectedTake: SelectedTake): Edit | null {
  switch (edit.op) {
    case "create_node":
    case "restore_node":
      return { op: "delete_node", node_id: edit.node_id };
    case "delete_node":
      return graph.nodes.has(edit.node_id) ? { op: "restore_node", node_id: edit.node_id } : null;
    case "update_node":
      return inverseUpdate(graph, edit, selectedTake);
    case "connect":
      return { op: "disconnect", connection_id: edit.connection_id };
    case "disconnect": {
      const wire = graph.connections.get(edit.connection_id);
      if (!wire) {
        return null;
      }
      const { id, ...ends } = wire;
      return { op: "connect", connection_id: id, ...ends };
    }
    case "update_project":
      return { op: "update_project", name: graph.name };
  }
}

function inverseUpdate(graph: Graph, edit: UpdateNode, selectedTake: SelectedTake): UpdateNode | null {
  const node = graph.nodes.get(edit.node_id);
  if (!node) {
    return null;
  }
  const inverse: UpdateNode = { op: "update_node", node_id: edit.node_id };
  if (edit.title !== undefined) {
    inverse.title = node.title;
  }
  if (edit.position) {
    inverse.position = node.position;
  }
  if (edit.config) {
    inverse.config = Object.fromEntries(Object.keys(edit.config).map((name) => [name, node.config[name]]));
  }
  const take = edit.selected_take_id === undefined ? null : selectedTake(edit.node_id);
  if (take !== null) {
    inverse.selected_take_id = take; // the first choice cannot be taken back: a node with takes always shows one
  }
  return Object.keys(inverse).length > 2 ? inverse : null;
}
