/** Copies of nodes become nodes of this project. Pure. */

import { addNode } from "@/canvas/editing/adding";
import { boundsOf, freePlace, GAP, snapped, unionOf } from "@/canvas/editing/bounds";
import { type Copied, copyOf, readClipboard } from "@/canvas/editing/clipboard-document";
import { countWords, type EditStep, type NewId, type NotDone, newId } from "@/canvas/editing/edit-step";
import { contentsOfFrames } from "@/canvas/editing/moving";
import { type Graph, type NodeConfig, type Position, wiresInto } from "@/live/graph";
import type { Edit } from "@/live/operations";
import { LONGEST_PROMPT } from "@/nodes/prompt/prompt-config";
import { nodeDefinition } from "@/nodes/registry";
import { unknownNode } from "@/nodes/unknown/unknown-node";

interface PasteOptions {
  projectId: string;
  /** Where the middle of what is pasted is wanted. */
  at: Position;
  makeId?: NewId;
}

/** Bring a text of the clipboard onto the canvas: nodes that were copied, or words as a prompt. */
export function pasteText(
  graph: Graph,
  text: string,
  { projectId, at, makeId = newId }: PasteOptions,
): EditStep | NotDone {
  const pasted = readClipboard(text);
  switch (pasted.kind) {
    case "nothing":
      return pasted.why;
    case "nodes":
      return pasteNodes(graph, pasted.copied, { projectId, at, makeId });
    case "words":
      return pasted.text.length > LONGEST_PROMPT
        ? {
            message: `This text is too long for a prompt: it has ${pasted.text.length} characters.`,
            advice: `A prompt has ${LONGEST_PROMPT} at most. Paste a part of it.`,
          }
        : { ...addNode(graph, { type: "prompt", at, config: { text: pasted.text } }, makeId), label: "paste a prompt" };
  }
}

/** Bring copied nodes onto the canvas as they lay to each other, where they cover no other node. */
export function pasteNodes(
  graph: Graph,
  copied: Copied,
  { projectId, at, makeId = newId }: PasteOptions,
): EditStep | NotDone {
  const stranger = copied.nodes.find(({ type }) => nodeDefinition(type) === unknownNode);
  const around = unionOf(copied.nodes.map(boundsOf));
  if (stranger || !around) {
    return {
      message: `This page does not know the kind of “${stranger?.title ?? "the copied nodes"}”.`,
      advice: "Reload the page, then paste again.",
    };
  }
  const wanted = { ...around, x: at.x - around.width / 2, y: at.y - around.height / 2 };
  const place = freePlace(graph, wanted);
  const by = { x: place.x - around.x, y: place.y - around.y };
  const { edits, ids } = copiesAt(copied, by, projectId, makeId);
  return { label: `paste ${countWords(copied.nodes.length, "node")}`, edits, select: [...ids.values()] };
}

/**
 * Copies of a selection beside it. What lies on a frame is copied with it, and the copies get the same inputs: a duplicate is
 * how one makes another try of a shot.
 */
export function duplicate(
  graph: Graph,
  nodeIds: ReadonlySet<string>,
  { projectId, makeId = newId }: Omit<PasteOptions, "at">,
): EditStep | null {
  const whole = contentsOfFrames(graph, nodeIds);
  const copied = copyOf(graph, projectId, whole);
  const around = unionOf(copied.nodes.map(boundsOf));
  if (!around) {
    return null;
  }
  const place = freePlace(graph, { ...around, x: around.x + GAP, y: around.y + GAP });
  const by = { x: place.x - around.x, y: place.y - around.y };
  const { edits, ids } = copiesAt(copied, by, projectId, makeId);
  const inputs = copied.nodes.flatMap(({ key }) =>
    wiresInto(graph, key)
      .filter((wire) => !ids.has(wire.source_node_id))
      .map(
        (wire): Edit => ({
          op: "connect",
          connection_id: makeId(),
          source_node_id: wire.source_node_id,
          source_port: wire.source_port,
          target_node_id: ids.get(key) ?? key,
          target_port: wire.target_port,
        }),
      ),
  );
  return {
    label: `duplicate ${countWords(copied.nodes.length, "node")}`,
    edits: [...edits, ...inputs],
    select: [...ids.values()],
  };
}

/** The edits that make the copies, and the new id of each key. */
function copiesAt(
  { nodes, connections, projectId: from }: Copied,
  by: Position,
  projectId: string,
  makeId: NewId,
): { edits: Edit[]; ids: ReadonlyMap<string, string> } {
  const ids = new Map(nodes.map(({ key }) => [key, makeId()]));
  const edits: Edit[] = nodes.map(({ key, type, title, position, config }) => ({
    op: "create_node",
    node_id: ids.get(key) ?? makeId(),
    type,
    title,
    position: snapped({ x: position.x + by.x, y: position.y + by.y }),
    config: travelled(type, config, from === projectId),
  }));
  for (const { source, source_port, target, target_port } of connections) {
    const [source_node_id, target_node_id] = [ids.get(source), ids.get(target)];
    if (source_node_id !== undefined && target_node_id !== undefined) {
      edits.push({ op: "connect", connection_id: makeId(), source_node_id, source_port, target_node_id, target_port });
    }
  }
  return { edits, ids };
}

/** The settings as they are in another project: a picture belongs to the project it was uploaded to, and stays there. */
function travelled(type: string, config: NodeConfig, isAtHome: boolean): NodeConfig {
  const whole = { ...nodeDefinition(type).newConfig(), ...config };
  return type === "image" && !isAtHome ? { ...whole, asset_id: null } : whole;
}
