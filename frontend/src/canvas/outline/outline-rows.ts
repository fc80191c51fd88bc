/** The nodes of a project as the rows of a tree, in reading order: what lies on a frame is below it. Pure. */

import { innermostFrames } from "@/canvas/editing/bounds";
import { searchedOf, wordsOf } from "@/canvas/palette/search";
import { type Graph, type GraphNode, readingOrder, wiresInto } from "@/live/graph";

export interface OutlineRow {
  nodeId: string;
  /** From 1. */
  level: number;
  /** Its place among its siblings, from 1, and how many they are. */
  place: number;
  siblings: number;
  parentId: string | null;
  /** Null: nothing lies on it, so that it cannot be opened. */
  isOpen: boolean | null;
}

interface OutlineOptions {
  /** Frames that are closed. */
  closed: ReadonlySet<string>;
  /** Words that the rows have to have; what is found stands in one flat list. */
  filter: string;
}

export function outlineRows(graph: Graph, { closed, filter }: OutlineOptions): OutlineRow[] {
  const order = readingOrder(graph.nodes);
  const words = wordsOf(filter);
  if (words.length > 0) {
    const found = order.filter((id) => hasWords(graph.nodes.get(id), words));
    return found.map((nodeId, index) => ({
      nodeId,
      level: 1,
      place: index + 1,
      siblings: found.length,
      parentId: null,
      isOpen: null,
    }));
  }
  const frameOf = innermostFrames(graph);
  const childrenOf = Map.groupBy(order, (id) => frameOf.get(id) ?? null);
  const rows: OutlineRow[] = [];
  const add = (parentId: string | null, level: number) => {
    const siblings = childrenOf.get(parentId) ?? [];
    for (const [index, nodeId] of siblings.entries()) {
      const isOpen = childrenOf.has(nodeId) ? !closed.has(nodeId) : null;
      rows.push({ nodeId, level, place: index + 1, siblings: siblings.length, parentId, isOpen });
      if (isOpen) {
        add(nodeId, level + 1);
      }
    }
  };
  add(null, 1);
  return rows;
}

function hasWords(node: GraphNode | undefined, words: readonly string[]): boolean {
  return node !== undefined && words.every((word) => searchedOf(node).includes(word));
}

/** What flows into a node: "from Shot prompt, Mara"; null: nothing. */
export function inputWords(graph: Graph, nodeId: string): string | null {
  const titles = wiresInto(graph, nodeId).flatMap((wire) => graph.nodes.get(wire.source_node_id)?.title ?? []);
  return titles.length === 0 ? null : `from ${titles.join(", ")}`;
}
