/** Wires: what a drop comes to. Pure. */

import { addedAt } from "@/canvas/editing/adding";
import { boundsOf, freePlace, GAP } from "@/canvas/editing/bounds";
import { type EditStep, type NewId, newId } from "@/canvas/editing/edit-step";
import type { NewWire, PulledEnd } from "@/canvas/scene/stage-props";
import { type Graph, type Position, wiresInto } from "@/live/graph";
import type { Edit } from "@/live/operations";
import { handleOffset } from "@/nodes/geometry";
import type { NodeTypeName } from "@/nodes/node-type";
import { nodeDefinition } from "@/nodes/registry";

/**
 * Run a wire. At an input that takes one wire and has one, the new wire takes its place, in the same step. Null where the
 * wire is there already.
 */
export function connect(graph: Graph, wire: NewWire, makeId: NewId = newId): EditStep | null {
  const target = graph.nodes.get(wire.targetNode);
  const present = wiresInto(graph, wire.targetNode).filter(({ target_port }) => target_port === wire.targetPort);
  if (present.some((old) => old.source_node_id === wire.sourceNode && old.source_port === wire.sourcePort)) {
    return null;
  }
  const port = target && nodeDefinition(target.type).inputs.find(({ name }) => name === wire.targetPort);
  const replaced = port?.wires === 1 ? present : [];
  return {
    label: replaced.length > 0 ? "replace a connection" : "connect",
    edits: [...replaced.map(({ id }): Edit => ({ op: "disconnect", connection_id: id })), connectEdit(wire, makeId)],
  };
}

/** A new node at the loose end of a wire, and the wire. `at`: where the end was dropped; null: beside the node it comes from. */
export function addAtWire(
  graph: Graph,
  { type, end, at }: { type: NodeTypeName; end: PulledEnd; at: Position | null },
  port: string,
  makeId: NewId = newId,
): EditStep | null {
  const from = graph.nodes.get(end.nodeId);
  if (!from) {
    return null;
  }
  const { newConfig, size, inputs } = nodeDefinition(type);
  const config = newConfig();
  const { width, height } = size(config);
  const isForward = end.side === "source";
  const handle = handleOffset(
    isForward
      ? Math.max(
          0,
          inputs.findIndex(({ name }) => name === port),
        )
      : 0,
  );
  const old = boundsOf(from);
  const beside = { x: isForward ? old.x + old.width + 3 * GAP : old.x - 3 * GAP, y: old.y + handle };
  // The new node's handle comes to lie where the wire was dropped.
  const { x, y } = at ?? beside;
  const wanted = { x: isForward ? x : x - width, y: y - handle, width, height };
  const made = addedAt(graph, { type, config }, freePlace(graph, wanted), makeId);
  const wire: NewWire = isForward
    ? { sourceNode: end.nodeId, sourcePort: end.port, targetNode: made.nodeId, targetPort: port }
    : { sourceNode: made.nodeId, sourcePort: port, targetNode: end.nodeId, targetPort: end.port };
  const connected = connect(graph, wire, makeId);
  return { ...made, edits: [...made.edits, ...(connected?.edits ?? [])] };
}

function connectEdit({ sourceNode, sourcePort, targetNode, targetPort }: NewWire, makeId: NewId): Edit {
  return {
    op: "connect",
    connection_id: makeId(),
    source_node_id: sourceNode,
    source_port: sourcePort,
    target_node_id: targetNode,
    target_port: targetPort,
  };
}
