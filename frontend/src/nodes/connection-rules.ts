/** Which wires fit, and why others do not: the rules of services/core/projects/graph.py, so that a hand is told before it lets go. Pure. */

import { type Graph, type GraphNode, wiresInto, wiresOutOf } from "@/live/graph";
import type { NodeTypeName, Port, PortType } from "@/nodes/node-type";
import { NODE_TYPE_NAMES, PORTS, portsOf } from "@/nodes/ports";

/** One port of one node. */
export interface PortPlace {
  nodeId: string;
  port: string;
}

const WORD_OF: Record<PortType, string> = { text: "text", image: "a picture", video: "a video" };

/**
 * Why no wire can lead from the output `source` to the input `target`, in one sentence; null: it can. `mayReplace`: at an input
 * for one wire, the new wire may take the place of the old one.
 */
export function whyNotConnect(
  graph: Graph,
  source: PortPlace,
  target: PortPlace,
  { mayReplace = false }: { mayReplace?: boolean } = {},
): string | null {
  const from = graph.nodes.get(source.nodeId);
  const to = graph.nodes.get(target.nodeId);
  if (!from || !to) {
    return "One of these nodes is not there any more.";
  }
  const output = portsOf(from.type).output;
  if (output?.name !== source.port) {
    return `“${from.title}” gives nothing that could be connected.`;
  }
  const input = portsOf(to.type).inputs.find(({ name }) => name === target.port);
  if (!input) {
    return `“${to.title}” has no such input.`;
  }
  return whyTypesDiffer(from, output, to, input) ?? whyPlaceIsTaken(graph, from, to, input, mayReplace);
}

function whyTypesDiffer(from: GraphNode, output: Port, to: GraphNode, input: Port): string | null {
  return output.type === input.type
    ? null
    : `“${from.title}” gives ${WORD_OF[output.type]}, but ${input.title} of “${to.title}” takes ${WORD_OF[input.type]}.`;
}

function whyPlaceIsTaken(
  graph: Graph,
  from: GraphNode,
  to: GraphNode,
  input: Port,
  mayReplace: boolean,
): string | null {
  const present = wiresInto(graph, to.id).filter(({ target_port }) => target_port === input.name);
  if (present.some(({ source_node_id }) => source_node_id === from.id)) {
    return `“${from.title}” is already connected to ${input.title} of “${to.title}”.`;
  }
  if (from.id === to.id) {
    return `“${from.title}” cannot feed itself.`;
  }
  if (feeds(graph, to.id, from.id)) {
    return `“${to.title}” already feeds “${from.title}”; connecting back would make a circle.`;
  }
  return present.length < input.wires || (mayReplace && input.wires === 1)
    ? null
    : `${input.title} of “${to.title}” takes ${input.wires === 1 ? "one connection" : `${input.wires} connections`} and has ${input.wires === 1 ? "it" : "them"}.`;
}

/** Whether what `nodeId` puts out reaches `wantedId`, however far. */
function feeds(graph: Graph, nodeId: string, wantedId: string): boolean {
  const seen = new Set([nodeId]);
  const frontier = [nodeId];
  for (let current = frontier.pop(); current !== undefined; current = frontier.pop()) {
    for (const { target_node_id } of wiresOutOf(graph, current)) {
      if (target_node_id === wantedId) {
        return true;
      }
      if (!seen.has(target_node_id)) {
        seen.add(target_node_id);
        frontier.push(target_node_id);
      }
    }
  }
  return false;
}

/** The input of a node that a wire from `source` takes when it is dropped on the node; null: none fits. */
export function firstFreeInput(graph: Graph, source: PortPlace, targetNodeId: string): Port | null {
  const target = graph.nodes.get(targetNodeId);
  const inputs = target ? portsOf(target.type).inputs : [];
  return inputs.find(({ name: port }) => whyNotConnect(graph, source, { nodeId: targetNodeId, port }) === null) ?? null;
}

/** Why a wire from `source` dropped on a node takes none of its inputs: the reason of the one that comes nearest. */
export function whyNoInputFits(graph: Graph, source: PortPlace, targetNodeId: string): string {
  const from = graph.nodes.get(source.nodeId);
  const to = graph.nodes.get(targetNodeId);
  if (!from || !to) {
    return "One of these nodes is not there any more.";
  }
  const { output } = portsOf(from.type);
  const { inputs } = portsOf(to.type);
  const [nearest] = [...inputs.filter(({ type }) => type === output?.type), ...inputs];
  const reason = nearest && whyNotConnect(graph, source, { nodeId: to.id, port: nearest.name });
  return reason ?? `“${to.title}” takes no connections.`;
}

/** The end of a wire that was dropped on empty canvas. */
export interface LooseEnd {
  /** What the wire's other end is: the output it comes from, or the input it leads to. */
  side: "output" | "input";
  type: PortType;
}

/** A kind of node that could be put at a loose end, and the port of it that takes the wire. */
export interface FittingKind {
  type: NodeTypeName;
  port: Port;
}

/** The kinds that fit; where several inputs of a kind take the wire, each of them, the usual one first. */
export function kindsThatFit({ side, type }: LooseEnd): FittingKind[] {
  return NODE_TYPE_NAMES.flatMap((kind) => {
    const { inputs, output } = PORTS[kind];
    const candidates = side === "output" ? inputs : output ? [output] : [];
    return candidates.filter((port) => port.type === type).map((port) => ({ type: kind, port }));
  });
}
