/** Where the output of a node could lead: for those who connect without a mouse. Pure. */

import { wordsOf } from "@/canvas/palette/search";
import type { NewWire } from "@/canvas/scene/stage-props";
import { type Graph, type GraphNode, readingOrder, wiresInto } from "@/live/graph";
import { whyNotConnect } from "@/nodes/connection-rules";
import type { Port } from "@/nodes/node-type";
import { portsOf } from "@/nodes/ports";

export interface ConnectTarget {
  wire: NewWire;
  node: GraphNode;
  input: Port;
  /** The title of the node whose wire the new one would replace; null: none. */
  replaces: string | null;
}

/** The inputs that fit, in reading order, by words of the node's name or the input's; `most` of them. */
export function connectTargets(graph: Graph, sourceId: string, query: string, most: number): ConnectTarget[] {
  const output = portsOf(graph.nodes.get(sourceId)?.type ?? "").output;
  if (!output) {
    return [];
  }
  const words = wordsOf(query);
  const source = { nodeId: sourceId, port: output.name };
  const found: ConnectTarget[] = [];
  for (const nodeId of readingOrder(graph.nodes)) {
    const node = graph.nodes.get(nodeId);
    for (const input of node ? portsOf(node.type).inputs : []) {
      const isWanted = words.every((word) => `${node?.title} ${input.title}`.toLowerCase().includes(word));
      const target = { nodeId, port: input.name };
      if (node && isWanted && whyNotConnect(graph, source, target, { mayReplace: true }) === null) {
        const wire = { sourceNode: sourceId, sourcePort: output.name, targetNode: nodeId, targetPort: input.name };
        found.push({ wire, node, input, replaces: replacedTitle(graph, nodeId, input) });
        if (found.length === most) {
          return found;
        }
      }
    }
  }
  return found;
}

function replacedTitle(graph: Graph, nodeId: string, input: Port): string | null {
  const present = wiresInto(graph, nodeId).find(({ target_port }) => target_port === input.name);
  const title = present && graph.nodes.get(present.source_node_id)?.title;
  return input.wires === 1 && title !== undefined ? title : null;
}
