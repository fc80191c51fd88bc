/** The kinds of nodes: one line for each. */

import { frameNode } from "@/nodes/frame/frame-node";
import { imageNode } from "@/nodes/image/image-node";
import type { NodeDefinition, NodeTypeName } from "@/nodes/node-type";
import { noteNode } from "@/nodes/note/note-node";
import { promptNode } from "@/nodes/prompt/prompt-node";
import { unknownNode } from "@/nodes/unknown/unknown-node";
import { videoNode } from "@/nodes/video/video-node";

const NODE_TYPES = {
  image: imageNode,
  prompt: promptNode,
  video: videoNode,
  frame: frameNode,
  note: noteNode,
} satisfies Record<NodeTypeName, NodeDefinition>;

const byName: ReadonlyMap<string, NodeDefinition> = new Map(Object.entries(NODE_TYPES));

/** The definition of a kind; one that a later release brought shows as what it is, a node. */
export function nodeDefinition(type: string): NodeDefinition {
  return byName.get(type) ?? unknownNode;
}
