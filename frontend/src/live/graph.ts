/** The graph of a project as the server's log describes it. Pure: the same events always give the same graph. */

import type { OpenProject } from "@/api/projects";
import type { ProjectEvent, WireConnection, WireNode } from "@/live/wire";

/** A point in canvas units. A node's position is its top left corner. */
export interface Position {
  x: number;
  y: number;
}

/** The settings of a node, whole: the server fills in what a client leaves out. */
export type NodeConfig = Readonly<Record<string, unknown>>;

/** A node without what it is doing, which moves too often to lie here. */
export interface GraphNode {
  id: string;
  type: string;
  title: string;
  position: Position;
  config: NodeConfig;
}

export interface Graph {
  name: string;
  nodes: ReadonlyMap<string, GraphNode>;
  /** Nodes that were deleted while the project was open: what is shown of them again at once when that is undone. */
  removed: ReadonlyMap<string, GraphNode>;
  /** Wires of a removed node are still here: they come back with it. */
  connections: ReadonlyMap<string, WireConnection>;
}

/** The graph of a project as it was opened. */
export function graphOf(project: Pick<OpenProject, "name" | "nodes" | "connections">): Graph {
  return {
    name: project.name,
    nodes: new Map(project.nodes.map((node) => [node.id, graphNode(node)])),
    removed: new Map(),
    connections: new Map(project.connections.map((wire) => [wire.id, wire])),
  };
}

/** What an event says, without its place in the log: what a person does here has none yet. */
type Content<T> = T extends unknown ? Omit<T, "rev" | "operationId"> : never;
/** A change of the graph: an event's, or that a removed node comes back as it was, of which only the server knows the whole. */
export type GraphChange = Content<ProjectEvent> | { type: "removal.undone"; node_id: string };

/** `graph` after `changes`, in their order. What none of them touches stays the same object, and so may the whole graph. */
export function applyChanges(graph: Graph, changes: readonly GraphChange[]): Graph {
  const draft = new Draft(graph);
  for (const change of changes) {
    draft.apply(change);
  }
  return draft.graph;
}

/** Copies each map at most once for a batch: catching up may bring hundreds of events. */
class Draft {
  readonly #before: Graph;
  #name: string;
  #nodes: Map<string, GraphNode> | null = null;
  #removed: Map<string, GraphNode> | null = null;
  #connections: Map<string, WireConnection> | null = null;

  constructor(graph: Graph) {
    this.#before = graph;
    this.#name = graph.name;
  }

  get graph(): Graph {
    const before = this.#before;
    const isSame = !this.#nodes && !this.#connections && this.#name === before.name;
    if (isSame) {
      return before;
    }
    return {
      name: this.#name,
      nodes: this.#nodes ?? before.nodes,
      removed: this.#removed ?? before.removed,
      connections: this.#connections ?? before.connections,
    };
  }

  apply(event: GraphChange): void {
    switch (event.type) {
      case "node.created":
        this.#changeNodes().set(event.payload.node.id, graphNode(event.payload.node));
        break;
      case "node.restored":
        this.#restore(event.payload);
        break;
      case "removal.undone":
        this.#undoRemoval(event.node_id);
        break;
      case "node.updated":
        this.#updateNode(event.payload);
        break;
      case "node.deleted":
        this.#remove(event.payload.node_id);
        break;
      case "connection.created":
        this.#changeConnections().set(event.payload.connection.id, event.payload.connection);
        break;
      case "connection.deleted":
        this.#changeConnections().delete(event.payload.connection_id);
        break;
      case "project.updated":
        this.#name = event.payload.name ?? this.#name;
        break;
    }
  }

  #remove(nodeId: string): void {
    const node = (this.#nodes ?? this.#before.nodes).get(nodeId);
    if (node) {
      this.#changeNodes().delete(nodeId);
      this.#changeRemoved().set(nodeId, node);
    }
  }

  #undoRemoval(nodeId: string): void {
    const node = (this.#removed ?? this.#before.removed).get(nodeId);
    if (node) {
      this.#changeNodes().set(nodeId, node);
      this.#changeRemoved().delete(nodeId);
    }
  }

  #restore({ node, connections }: Extract<ProjectEvent, { type: "node.restored" }>["payload"]): void {
    this.#changeNodes().set(node.id, graphNode(node));
    this.#changeRemoved().delete(node.id);
    if (connections) {
      // The server says which wires came back: the place of one may have been taken meanwhile.
      const kept = this.#changeConnections();
      for (const wire of [...kept.values()]) {
        if (wire.source_node_id === node.id || wire.target_node_id === node.id) {
          kept.delete(wire.id);
        }
      }
      for (const wire of connections) {
        kept.set(wire.id, wire);
      }
    }
  }

  #updateNode(change: Extract<ProjectEvent, { type: "node.updated" }>["payload"]): void {
    const node = (this.#nodes ?? this.#before.nodes).get(change.node_id);
    if (!node || !(change.title ?? change.position ?? change.config)) {
      return;
    }
    this.#changeNodes().set(node.id, {
      ...node,
      title: change.title ?? node.title,
      position: change.position ?? node.position,
      config: change.config ? { ...node.config, ...change.config } : node.config,
    });
  }

  #changeNodes(): Map<string, GraphNode> {
    this.#nodes ??= new Map(this.#before.nodes);
    return this.#nodes;
  }

  #changeRemoved(): Map<string, GraphNode> {
    this.#removed ??= new Map(this.#before.removed);
    return this.#removed;
  }

  #changeConnections(): Map<string, WireConnection> {
    this.#connections ??= new Map(this.#before.connections);
    return this.#connections;
  }
}

function graphNode({ id, type, title, position, config }: Pick<WireNode, keyof GraphNode>): GraphNode {
  return { id, type, title, position, config };
}

/** The wires at each node, by the node's id. */
interface WireIndex {
  into: ReadonlyMap<string, readonly WireConnection[]>;
  outOf: ReadonlyMap<string, readonly WireConnection[]>;
}

/** Built once for each set of wires: a canvas of ten thousand nodes asks for the wires of forty at every change. */
const indexes = new WeakMap<Graph["connections"], WireIndex>();

function wireIndex(connections: Graph["connections"]): WireIndex {
  const known = indexes.get(connections);
  if (known) {
    return known;
  }
  const made = {
    into: Map.groupBy(connections.values(), (wire) => wire.target_node_id),
    outOf: Map.groupBy(connections.values(), (wire) => wire.source_node_id),
  };
  indexes.set(connections, made);
  return made;
}

/** The wires into a node that really show: a deleted node keeps its wires for the day it is restored. */
export function wiresInto(graph: Graph, nodeId: string): WireConnection[] {
  const found = wireIndex(graph.connections).into.get(nodeId) ?? [];
  return found.filter((wire) => graph.nodes.has(wire.source_node_id));
}

/** The wires that leave a node and really show. */
export function wiresOutOf(graph: Graph, nodeId: string): WireConnection[] {
  const found = wireIndex(graph.connections).outOf.get(nodeId) ?? [];
  return found.filter((wire) => graph.nodes.has(wire.target_node_id));
}

/** Node ids as one would read the canvas: from left to right, and in a column from top to bottom. */
export function readingOrder(nodes: ReadonlyMap<string, GraphNode>): string[] {
  return [...nodes.values()]
    .sort((a, b) => a.position.x - b.position.x || a.position.y - b.position.y || a.id.localeCompare(b.id))
    .map((node) => node.id);
}
