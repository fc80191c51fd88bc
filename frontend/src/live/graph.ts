/** The graph of a project as the server's log describes it. Pure: the same events always give the same graph. */

import type { OpenProject } from "@/api/projects";
import type { ProjectEvent, WireConnection, WireNode } from "@/live/wire";

/** A node without what it is doing, which moves too often to lie here. */
export interface GraphNode {
  id: string;
  type: string;
  title: string;
  position: { x: number; y: number };
  config: Readonly<Record<string, unknown>>;
}

export interface Graph {
  name: string;
  nodes: ReadonlyMap<string, GraphNode>;
  connections: ReadonlyMap<string, WireConnection>;
}

/** The graph of a project as it was opened. */
export function graphOf(project: Pick<OpenProject, "name" | "nodes" | "connections">): Graph {
  return {
    name: project.name,
    nodes: new Map(project.nodes.map((node) => [node.id, graphNode(node)])),
    connections: new Map(project.connections.map((wire) => [wire.id, wire])),
  };
}

/** `graph` after `events`, in their order. What no event touches stays the same object, and so may the whole graph. */
export function applyEvents(graph: Graph, events: readonly ProjectEvent[]): Graph {
  const draft = new Draft(graph);
  for (const event of events) {
    draft.apply(event);
  }
  return draft.graph;
}

/** Copies each map at most once for a batch: catching up may bring hundreds of events. */
class Draft {
  readonly #before: Graph;
  #name: string;
  #nodes: Map<string, GraphNode> | null = null;
  #connections: Map<string, WireConnection> | null = null;

  constructor(graph: Graph) {
    this.#before = graph;
    this.#name = graph.name;
  }

  get graph(): Graph {
    const before = this.#before;
    const isSame = !this.#nodes && !this.#connections && this.#name === before.name;
    return isSame
      ? before
      : { name: this.#name, nodes: this.#nodes ?? before.nodes, connections: this.#connections ?? before.connections };
  }

  apply(event: ProjectEvent): void {
    switch (event.type) {
      case "node.created":
      case "node.restored":
        this.#changeNodes().set(event.payload.node.id, graphNode(event.payload.node));
        break;
      case "node.updated":
        this.#updateNode(event.payload);
        break;
      case "node.deleted":
        this.#changeNodes().delete(event.payload.node_id);
        break;
      case "connection.created":
        this.#changeConnections().set(event.payload.connection.id, event.payload.connection);
        break;
      case "connection.deleted":
        this.#changeConnections().delete(event.payload.connection_id);
        break;
      case "project.updated":
        this.#name = event.payload.name;
        break;
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

  #changeConnections(): Map<string, WireConnection> {
    this.#connections ??= new Map(this.#before.connections);
    return this.#connections;
  }
}

function graphNode({ id, type, title, position, config }: Pick<WireNode, keyof GraphNode>): GraphNode {
  return { id, type, title, position, config };
}

/** The wires that really show: a deleted node keeps its wires for the day it is restored. */
export function wiresInto(graph: Graph, nodeId: string): WireConnection[] {
  return [...graph.connections.values()].filter(
    (wire) => wire.target_node_id === nodeId && graph.nodes.has(wire.source_node_id),
  );
}

/** Node ids as one would read the canvas: from left to right, and in a column from top to bottom. */
export function readingOrder(nodes: ReadonlyMap<string, GraphNode>): string[] {
  return [...nodes.values()]
    .sort((a, b) => a.position.x - b.position.x || a.position.y - b.position.y || a.id.localeCompare(b.id))
    .map((node) => node.id);
}
