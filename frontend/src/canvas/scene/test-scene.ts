/** Builders for tests of the scene: kinds of nodes without any DOM, and graphs of them. */

import { Box } from "lucide-react";
import type { Graph, GraphNode } from "@/live/graph";
import type { WireConnection } from "@/live/wire";
import type { NodeDefinition, Port } from "@/nodes/node-type";

export const CARD_SIZE = { width: 400, height: 300 };

const clip: Port = { name: "video", type: "video", title: "Video", wires: Number.POSITIVE_INFINITY };

const plain: NodeDefinition = {
  label: "Node",
  icon: Box,
  inputs: [],
  output: null,
  newConfig: () => ({}),
  size: () => CARD_SIZE,
  sketch: () => ({ subtitle: "", picture: null, words: "", facts: [] }),
  Body: () => null,
  Facts: () => null,
  Settings: () => null,
};

const card: NodeDefinition = {
  ...plain,
  inputs: [
    { ...clip, name: "first", wires: 1 },
    { ...clip, name: "second", wires: 1 },
  ],
  output: clip,
};

const frame: NodeDefinition = {
  ...plain,
  size: ({ width, height }) => ({ width: Number(width), height: Number(height) }),
};

export const testDefinitions = (type: string): NodeDefinition => (type === "frame" ? frame : card);

export function aCard(id: string, x: number, y: number, changes: Partial<GraphNode> = {}): GraphNode {
  return { id, type: "video", title: id, position: { x, y }, config: {}, ...changes };
}

export function aFrame(id: string, x: number, y: number, width: number, height: number): GraphNode {
  return { id, type: "frame", title: id, position: { x, y }, config: { width, height } };
}

export function aWire(from: string, to: string, port = "first"): WireConnection {
  return {
    id: `${from}-${to}`,
    source_node_id: from,
    source_port: "video",
    target_node_id: to,
    target_port: port,
  };
}

export function aGraph(nodes: GraphNode[], wires: WireConnection[] = []): Pick<Graph, "nodes" | "connections"> {
  return {
    nodes: new Map(nodes.map((node) => [node.id, node])),
    connections: new Map(wires.map((wire) => [wire.id, wire])),
  };
}
