/** The ports of each kind of node, as services/core/projects/node_types.py has them. Pure. */

import type { NodeTypeName, Port } from "@/nodes/node-type";

export interface Ports {
  inputs: readonly Port[];
  /** Null for what only orders the canvas. */
  output: Port | null;
}

/** An output takes any number of wires. */
const ANY = Number.POSITIVE_INFINITY;

export const PORTS: Record<NodeTypeName, Ports> = {
  image: { inputs: [], output: { name: "image", type: "image", title: "Picture", wires: ANY } },
  prompt: { inputs: [], output: { name: "prompt", type: "text", title: "Prompt", wires: ANY } },
  video: {
    inputs: [
      { name: "prompt", type: "text", title: "Prompt", wires: 1 },
      { name: "image", type: "image", title: "First frame", wires: 1 },
      { name: "last_frame", type: "image", title: "Last frame", wires: 1 },
      { name: "references", type: "image", title: "References", wires: 3 },
      { name: "video", type: "video", title: "Video to extend", wires: 1 },
    ],
    output: { name: "video", type: "video", title: "Video", wires: ANY },
  },
  frame: { inputs: [], output: null },
  note: { inputs: [], output: null },
};

const byName: ReadonlyMap<string, Ports> = new Map(Object.entries(PORTS));
const NO_PORTS: Ports = { inputs: [], output: null };

/** The ports of a kind; one that a later release brought has none here. */
export function portsOf(type: string): Ports {
  return byName.get(type) ?? NO_PORTS;
}

/** Every kind that a person can add to the canvas, in the order in which menus offer them. */
export const NODE_TYPE_NAMES: readonly NodeTypeName[] = ["prompt", "image", "video", "frame", "note"];
