/** What arrives live, as it is on the wire: parsed here, once, so that nothing behind this module meets unknown data. */

import * as z from "zod/mini";
import { Problem } from "@/api/problem";

/** A node's state as it travels: in answers of the api, in events and in live documents alike. */
const nodeStatus = z.object({
  node_id: z.string(),
  state: z.string(),
  status: z.record(z.string(), z.unknown()),
  version: z.number(),
  selected_take_id: z.nullish(z.string()),
});

const node = z.object({
  id: z.string(),
  type: z.string(),
  title: z.string(),
  position: z.object({ x: z.number(), y: z.number() }),
  config: z.record(z.string(), z.unknown()),
  state: z.string(),
  status: z.record(z.string(), z.unknown()),
  version: z.number(),
  selected_take_id: z.nullable(z.string()),
});

const connection = z.object({
  id: z.string(),
  source_node_id: z.string(),
  source_port: z.string(),
  target_node_id: z.string(),
  target_port: z.string(),
});

const nodeChange = z.object({
  node_id: z.string(),
  title: z.optional(z.string()),
  position: z.optional(z.object({ x: z.number(), y: z.number() })),
  config: z.optional(z.record(z.string(), z.unknown())),
  selected_take_id: z.optional(z.string()),
  version: z.number(),
});

/** Every type of event that changes what is on screen; the log holds others too. */
const knownEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("node.created"), payload: z.object({ node }) }),
  z.object({
    type: z.literal("node.restored"),
    payload: z.object({ node, connections: z.optional(z.array(connection)) }),
  }),
  z.object({ type: z.literal("node.updated"), payload: nodeChange }),
  z.object({ type: z.literal("node.deleted"), payload: z.object({ node_id: z.string() }) }),
  z.object({ type: z.literal("node.status"), payload: nodeStatus }),
  z.object({ type: z.literal("connection.created"), payload: z.object({ connection }) }),
  z.object({ type: z.literal("connection.deleted"), payload: z.object({ connection_id: z.string() }) }),
  z.object({ type: z.literal("project.updated"), payload: z.object({ name: z.optional(z.string()) }) }),
  z.object({ type: z.literal("asset.ready"), payload: z.object({ asset_id: z.string() }) }),
  z.object({ type: z.literal("asset.rejected"), payload: z.object({ asset_id: z.string() }) }),
]);

const loggedEvent = z.object({
  rev: z.int(),
  type: z.string(),
  payload: z.unknown(),
  operation_id: z.nullish(z.string()),
});
type LoggedEvent = z.infer<typeof loggedEvent>;

const socketMessage = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("events"), events: z.array(loggedEvent), cursor: z.int() }),
  z.object({ kind: z.literal("applied"), operation_id: z.string(), rev: z.int() }),
  z.object({ kind: z.literal("refused"), operation_id: z.nullable(z.string()), problem: z.unknown() }),
  z.object({ kind: z.literal("pong") }),
]);

const revisionDocument = z.object({ rev: z.int() });

export type WireNode = z.infer<typeof node>;
export type WireConnection = z.infer<typeof connection>;
export type NodeStatusUpdate = z.infer<typeof nodeStatus>;
export type SocketMessage = z.infer<typeof socketMessage>;
/** What an entry of the log says. `other`: something that changes nothing on the canvas, or that a newer server writes. */
type EventContent = z.infer<typeof knownEvent> | { type: "other"; name: string };
/** An entry of a project's log, and the edit that it came of: null where nobody's operation caused it. */
export type ProjectEvent = { rev: number; operationId: string | null } & EventContent;

const knownTypes: ReadonlySet<string> = new Set(
  knownEvent.def.options.flatMap((option) => option.shape.type.def.values),
);

/** The event in an entry of the log; throws Problem where one we should know has an unknown form. */
export function parseEvent(entry: LoggedEvent): ProjectEvent {
  const place = { rev: entry.rev, operationId: entry.operation_id ?? null };
  if (!knownTypes.has(entry.type)) {
    return { ...place, type: "other", name: entry.type };
  }
  return { ...place, ...readable(knownEvent.safeParse(entry)) };
}

/** A message of the project's socket; throws Problem. */
export function parseSocketMessage(text: string): SocketMessage {
  return readable(socketMessage.safeParse(JSON.parse(text)));
}

/** The live document of a node that moves; throws Problem. */
export function parseLiveNode(document: unknown): NodeStatusUpdate {
  return readable(nodeStatus.safeParse(document));
}

/** The project's live document; throws Problem. */
export function parseRevision(document: unknown): number {
  return readable(revisionDocument.safeParse(document)).rev;
}

function readable<T>(result: z.core.util.SafeParseResult<T>): T {
  if (!result.success) {
    throw new Problem(
      "page_outdated",
      "The server sent something that this page does not understand.",
      "Reload the page.",
    );
  }
  return result.data;
}
