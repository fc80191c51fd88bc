/** Putting new nodes on the canvas, and frames around old ones. Pure. */

import { boundsOf, centreOf, freePlace, GAP, isFrame, snapped, unionOf } from "@/canvas/editing/bounds";
import { type EditStep, type NewId, type NotDone, newId } from "@/canvas/editing/edit-step";
import { carriers } from "@/canvas/editing/moving";
import type { Graph, NodeConfig, Position } from "@/live/graph";
import type { Edit } from "@/live/operations";
import { LARGEST_SIDE, SMALLEST_FRAME } from "@/nodes/frame/frame-config";
import { HEADER_HEIGHT } from "@/nodes/geometry";
import type { NodeTypeName } from "@/nodes/node-type";
import { nodeDefinition } from "@/nodes/registry";
import { LONGEST_TITLE } from "@/nodes/titles";

/** A step that brings a node of its own. */
export interface Added extends EditStep {
  nodeId: string;
}

export interface NewNode {
  type: NodeTypeName;
  /** The middle of the new node, if there is room. */
  at: Position;
  title?: string;
  /** What is not as it is in every new node of the kind. */
  config?: NodeConfig;
}

/** Add a node where it covers no other, as near as possible to where it is wanted. */
export function addNode(graph: Graph, { type, at, title, config }: NewNode, makeId: NewId = newId): Added {
  const whole = { ...nodeDefinition(type).newConfig(), ...config };
  const size = nodeDefinition(type).size(whole);
  const wanted = { x: at.x - size.width / 2, y: at.y - size.height / 2, ...size };
  const position = type === "frame" ? snapped(wanted) : freePlace(graph, wanted);
  return addedAt(graph, { type, title, config: whole }, position, makeId);
}

/** Add a node at exactly this place. `config` is whole. */
export function addedAt(
  graph: Graph,
  { type, title, config }: { type: string; title?: string; config: NodeConfig },
  position: Position,
  makeId: NewId,
): Added {
  const node_id = makeId();
  const { label } = nodeDefinition(type);
  return {
    label: `add ${label.toLowerCase()}`,
    edits: [
      {
        op: "create_node",
        node_id,
        type,
        title: title ?? nextTitle(graph, label),
        position: snapped(position),
        config,
      },
    ],
    select: [node_id],
    nodeId: node_id,
  };
}

/** "Video", or "Video 4" where there are others: the first number that is free beyond those in use. */
export function nextTitle(graph: Graph, label: string): string {
  const pattern = new RegExp(`^${label}(?: (\\d+))?$`);
  let highest = 0;
  for (const { title } of graph.nodes.values()) {
    const match = pattern.exec(title);
    if (match) {
      highest = Math.max(highest, Number(match[1] ?? 1));
    }
  }
  return highest === 0 ? label : `${label} ${highest + 1}`;
}

/** A prompt and the video that it is wired into: how a shot begins. */
export function describeShot(graph: Graph, text: string, at: Position, makeId: NewId = newId): EditStep {
  const prompt = { ...nodeDefinition("prompt").newConfig(), text };
  const promptSize = nodeDefinition("prompt").size(prompt);
  const video = nodeDefinition("video").newConfig();
  const videoSize = nodeDefinition("video").size(video);
  const [width, height] = [promptSize.width + 3 * GAP + videoSize.width, Math.max(promptSize.height, videoSize.height)];
  const place = freePlace(graph, { x: at.x - width / 2, y: at.y - height / 2, width, height });
  const first = addedAt(graph, { type: "prompt", config: prompt }, place, makeId);
  const besides = { x: place.x + promptSize.width + 3 * GAP, y: place.y };
  const second = addedAt(graph, { type: "video", config: video }, besides, makeId);
  const wire: Edit = {
    op: "connect",
    connection_id: makeId(),
    source_node_id: first.nodeId,
    source_port: "prompt",
    target_node_id: second.nodeId,
    target_port: "prompt",
  };
  return { label: "describe a shot", edits: [...first.edits, ...second.edits, wire], select: [second.nodeId] };
}

/** Put a frame around a selection, with room for its title. */
export function groupIntoFrame(graph: Graph, nodeIds: Iterable<string>, makeId: NewId = newId): Added | NotDone | null {
  const around = unionOf(carriers(graph, nodeIds).map(boundsOf));
  if (!around) {
    return null;
  }
  const left = around.x - GAP;
  const top = around.y - GAP - HEADER_HEIGHT;
  const width = Math.ceil(Math.max(around.width + 2 * GAP, SMALLEST_FRAME.width));
  const height = Math.ceil(Math.max(around.height + 2 * GAP + HEADER_HEIGHT, SMALLEST_FRAME.height));
  if (Math.max(width, height) > LARGEST_SIDE) {
    return {
      message: "These nodes lie too far apart for one frame.",
      advice: "Move them closer together, or lay them out first.",
    };
  }
  const config = { ...nodeDefinition("frame").newConfig(), width, height };
  const made = addedAt(graph, { type: "frame", config }, { x: left, y: top }, makeId);
  return { ...made, label: "group into a frame" };
}

/** Give a node another name. Null where it is the same, or none. */
export function rename(graph: Graph, nodeId: string, title: string): EditStep | null {
  const name = title.trim().slice(0, LONGEST_TITLE);
  const node = graph.nodes.get(nodeId);
  return !node || name === "" || name === node.title
    ? null
    : {
        label: `rename ${isFrame(node) ? "frame" : "node"}`,
        edits: [{ op: "update_node", node_id: nodeId, title: name }],
      };
}

/** The middle of some nodes: where to look for what is made of them. */
export function middleOf(graph: Graph, nodeIds: Iterable<string>): Position | null {
  const around = unionOf([...nodeIds].flatMap((id) => graph.nodes.get(id) ?? []).map(boundsOf));
  return around && centreOf(around);
}
