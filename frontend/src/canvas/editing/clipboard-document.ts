/** Nodes as they travel: between projects and tabs as text in the system's clipboard, in our own form. Pure. */

import * as z from "zod/mini";
import type { NotDone } from "@/canvas/editing/edit-step";
import type { Graph } from "@/live/graph";

const FORMAT = "reelgraph.clipboard";
const VERSION = 1;
/** As many as a workflow may have (schemas/workflow.json). */
const MOST_NODES = 10_000;
const MOST_CONNECTIONS = 40_000;

const node = z.object({
  /** Only for the connections of the same document. */
  key: z.string(),
  type: z.string(),
  title: z.string().check(z.minLength(1), z.maxLength(200)),
  position: z.object({ x: z.number(), y: z.number() }),
  config: z.record(z.string(), z.unknown()),
});

const connection = z.object({
  source: z.string(),
  source_port: z.string(),
  target: z.string(),
  target_port: z.string(),
});

const clipboardDocument = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  /** Where it was copied: its pictures are there and nowhere else. */
  project_id: z.string(),
  nodes: z.array(node).check(z.minLength(1), z.maxLength(MOST_NODES)),
  connections: z.array(connection).check(z.maxLength(MOST_CONNECTIONS)),
});

export interface Copied {
  projectId: string;
  nodes: readonly z.infer<typeof node>[];
  connections: readonly z.infer<typeof connection>[];
}

/** These nodes and the wires between them, in the order of the graph: the order of references is kept. */
export function copyOf(graph: Graph, projectId: string, nodeIds: ReadonlySet<string>): Copied {
  const nodes = [...graph.nodes.values()].filter(({ id }) => nodeIds.has(id));
  const copied = new Set(nodes.map(({ id }) => id));
  const wires = [...graph.connections.values()].filter(
    (wire) => copied.has(wire.source_node_id) && copied.has(wire.target_node_id),
  );
  return {
    projectId,
    nodes: nodes.map(({ id, type, title, position, config }) => ({ key: id, type, title, position, config })),
    connections: wires.map(({ source_node_id, source_port, target_node_id, target_port }) => ({
      source: source_node_id,
      source_port,
      target: target_node_id,
      target_port,
    })),
  };
}

/** The text that goes into the clipboard. */
export function clipboardText({ projectId, nodes, connections }: Copied): string {
  return JSON.stringify({ format: FORMAT, version: VERSION, project_id: projectId, nodes, connections });
}

export type Pasted =
  | { kind: "nodes"; copied: Copied }
  /** Somebody's words: they become a prompt. */
  | { kind: "words"; text: string }
  | { kind: "nothing"; why: NotDone };

/** What a text from the clipboard is. */
export function readClipboard(text: string): Pasted {
  if (text.trim() === "") {
    return {
      kind: "nothing",
      why: { message: "There is nothing to paste.", advice: "Copy nodes, words or a picture first." },
    };
  }
  const json = parseJson(text);
  if (json === null) {
    return { kind: "words", text: text.trim() };
  }
  const head = z.object({ format: z.string(), version: z.unknown() }).safeParse(json);
  switch (head.success ? head.data.format : null) {
    case FORMAT: {
      const parsed = clipboardDocument.safeParse(json);
      if (!parsed.success) {
        return { kind: "nothing", why: head.data?.version === VERSION ? DAMAGED : NEWER };
      }
      const { project_id: projectId, nodes, connections } = parsed.data;
      return { kind: "nodes", copied: { projectId, nodes, connections } };
    }
    case "reelgraph.workflow":
      return { kind: "nothing", why: WORKFLOW };
    default:
      return { kind: "nothing", why: FOREIGN };
  }
}

const DAMAGED: NotDone = {
  message: "The copied nodes cannot be read.",
  advice: "Copy them again; they may have been cut short on the way.",
};
const NEWER: NotDone = {
  message: "These nodes were copied in another version of Reelgraph.",
  advice: "Reload this page, then paste again.",
};
const WORKFLOW: NotDone = {
  message: "This is an exported workflow.",
  advice: "Import it as a file, from the menu beside the project's name.",
};
const FOREIGN: NotDone = {
  message: "What is in the clipboard is not from Reelgraph.",
  advice: "Paste nodes that were copied here, words for a prompt, or a picture.",
};

/** The object or list in a text; null where the text is something else: a person's words may well begin with a bracket. */
function parseJson(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
