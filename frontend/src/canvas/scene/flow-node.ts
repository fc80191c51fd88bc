/** A node as React Flow wants it: laid out beforehand, so that it measures nothing. */

import { type Node, type NodeHandle, Position as Side } from "@xyflow/react";
import type { GraphNode } from "@/live/graph";
import { HANDLE_SIZE, handleOffset } from "@/nodes/geometry";
import type { NodeDefinition } from "@/nodes/node-type";

/** Below every node, and so that no number of frames reaches them. */
const FRAMES_BELOW = -1_000_000;
/** The same for all: what a node shows it reads from the project. */
const NO_DATA = {};
/** React Flow calls the element "node" without giving it a role; what it is, its own content says. */
const PLAIN = { "aria-roledescription": undefined };

const made = new WeakMap<GraphNode, Node>();

/** The same object for the same node, so that React Flow renders only what has changed. */
export function flowNode(node: GraphNode, slot: number, definition: NodeDefinition): Node {
  const known = made.get(node);
  if (known) {
    return known;
  }
  const { width, height } = definition.size(node.config);
  const flow: Node = {
    id: node.id,
    type: "stage",
    position: node.position,
    data: NO_DATA,
    width,
    height,
    handles: handlesOf(definition, width),
    zIndex: node.type === "frame" ? FRAMES_BELOW + slot : slot,
    draggable: false,
    selectable: false,
    focusable: false,
    domAttributes: PLAIN,
  };
  made.set(node, flow);
  return flow;
}

function handlesOf({ inputs, output }: NodeDefinition, width: number): NodeHandle[] {
  const half = HANDLE_SIZE / 2;
  const disc = { width: HANDLE_SIZE, height: HANDLE_SIZE };
  return [
    ...inputs.map(({ name }, index): NodeHandle => {
      return { ...disc, id: name, type: "target", position: Side.Left, x: -half, y: handleOffset(index) - half };
    }),
    ...(output
      ? [
          {
            ...disc,
            id: output.name,
            type: "source" as const,
            position: Side.Right,
            x: width - half,
            y: handleOffset(0) - half,
          },
        ]
      : []),
  ];
}
