/** Finding nodes and commands by words. Pure. */

import type { Command } from "@/canvas/commands/command";
import type { Graph, GraphNode } from "@/live/graph";
import { parseNoteConfig } from "@/nodes/note/note-config";
import { chosenWords } from "@/nodes/prompt/prompt-config";
import { nodeDefinition } from "@/nodes/registry";
import { parseVideoConfig } from "@/nodes/video/video-config";

export interface FoundNode {
  node: GraphNode;
  /** Where the words stand in the node's text; null: they are in its name or kind. */
  excerpt: string | null;
}

/** Nodes that have all of the words in their name, kind or text: those whose name begins with them first. */
export function findNodes(graph: Graph, query: string, most: number): FoundNode[] {
  const words = wordsOf(query);
  if (words.length === 0) {
    return [];
  }
  const found: { rank: number; node: GraphNode; text: string }[] = [];
  for (const node of graph.nodes.values()) {
    const all = searchedOf(node);
    if (words.every((word) => all.includes(word))) {
      const label = nodeDefinition(node.type).label.toLowerCase();
      found.push({ rank: rankOf(node.title.toLowerCase(), label, words), node, text: textOf(node) });
    }
  }
  return found
    .sort((a, b) => a.rank - b.rank || a.node.title.localeCompare(b.node.title))
    .slice(0, most)
    .map(({ rank, node, text }) => ({ node, excerpt: rank === IN_TEXT ? excerptOf(text, words) : null }));
}

const IN_TEXT = 3;

function rankOf(title: string, label: string, words: readonly string[]): number {
  const [first = ""] = words;
  if (title.startsWith(first) && words.every((word) => title.includes(word))) {
    return 0;
  }
  if (words.every((word) => title.includes(word))) {
    return 1;
  }
  return words.every((word) => `${title} ${label}`.includes(word)) ? 2 : IN_TEXT;
}

/** Commands that have all of the words; those whose title begins with the first one come first. */
export function findCommands(commands: readonly Command[], query: string): Command[] {
  const words = wordsOf(query);
  const fits = ({ title, section, keywords = "" }: Command) => {
    const all = `${title} ${section} ${keywords}`.toLowerCase();
    return words.every((word) => all.includes(word));
  };
  const isFirst = ({ title }: Command) => title.toLowerCase().startsWith(words[0] ?? "");
  return commands.filter(fits).toSorted((a, b) => Number(isFirst(b)) - Number(isFirst(a)));
}

/** What a person wrote in a node. */
export function textOf(node: GraphNode): string {
  switch (node.type) {
    case "prompt":
      return chosenWords(node.config).words;
    case "video":
      return parseVideoConfig(node.config).prompt;
    case "note":
      return parseNoteConfig(node.config).text;
    default:
      return "";
  }
}

/** Nodes are never changed, only replaced: what was read of one stays true. Reading ten thousand for each key would be felt. */
const searched = new WeakMap<GraphNode, string>();

/** All of a node that can be found, in small letters: name, kind, text. */
export function searchedOf(node: GraphNode): string {
  const known = searched.get(node);
  if (known !== undefined) {
    return known;
  }
  const all = `${node.title} ${nodeDefinition(node.type).label} ${textOf(node)}`.toLowerCase();
  searched.set(node, all);
  return all;
}

export function wordsOf(query: string): string[] {
  return query.toLowerCase().split(/\s+/).filter(Boolean);
}

const BEFORE = 24;
const LONGEST_EXCERPT = 90;

/** The part of a text around the first of the words. */
function excerptOf(text: string, words: readonly string[]): string {
  const at = Math.min(...words.map((word) => text.toLowerCase().indexOf(word)).filter((place) => place >= 0));
  const from = Math.max(0, (Number.isFinite(at) ? at : 0) - BEFORE);
  const part = text
    .slice(from, from + LONGEST_EXCERPT)
    .replaceAll(/\s+/g, " ")
    .trim();
  return `${from > 0 ? "…" : ""}${part}${from + LONGEST_EXCERPT < text.length ? "…" : ""}`;
}
