/** What the palettes offer, as rows of a list. Pure. */

import { type Command, type CommandContext, isEnabled } from "@/canvas/commands/command";
import type { Choice, ChoiceGroup } from "@/canvas/palette/choice-list";
import { type FoundNode, findCommands, findNodes, wordsOf } from "@/canvas/palette/search";
import type { PulledEnd } from "@/canvas/scene/stage-props";
import type { Graph } from "@/live/graph";
import { kindsThatFit } from "@/nodes/connection-rules";
import { type NodeTypeName, type Port, TYPE_COLOUR } from "@/nodes/node-type";
import { NODE_TYPE_NAMES, portsOf } from "@/nodes/ports";
import { nodeDefinition } from "@/nodes/registry";

/** More would not be read. */
const MOST_NODES = 30;

interface PaletteOptions {
  commands: readonly Command[];
  context: CommandContext;
  query: string;
  /** Only nodes are looked for. */
  isSearch: boolean;
  runCommand: (command: Command) => void;
  showNode: (nodeId: string) => void;
}

/** Commands that could be run now, and nodes, by what was typed. */
export function paletteGroups({
  commands,
  context,
  query,
  isSearch,
  runCommand,
  showNode,
}: PaletteOptions): ChoiceGroup[] {
  const nodes = findNodes(context.document.graph.getState(), query, MOST_NODES).map((found) =>
    nodeChoice(found, showNode),
  );
  if (isSearch) {
    return [{ heading: "Nodes", choices: nodes }];
  }
  const possible = findCommands(commands, query).filter((command) => isEnabled(command, context));
  return [...groupedBySection(possible, runCommand), { heading: "Nodes", choices: nodes }];
}

function groupedBySection(commands: readonly Command[], run: (command: Command) => void): ChoiceGroup[] {
  return [...Map.groupBy(commands, ({ section }) => section)].map(([heading, found]) => ({
    heading,
    choices: found.map((command) => ({
      id: `command-${command.id}`,
      label: command.title,
      icon: command.icon,
      shortcut: command.shortcuts[0],
      onChoose: () => run(command),
    })),
  }));
}

function nodeChoice({ node, excerpt }: FoundNode, show: (nodeId: string) => void): Choice {
  const { icon, label, output } = nodeDefinition(node.type);
  return {
    id: `node-${node.id}`,
    label: node.title,
    icon,
    iconClassName: output ? TYPE_COLOUR[output.type] : undefined,
    hint: excerpt ?? label,
    onChoose: () => show(node.id),
  };
}

/** A kind of node to add; with a wire, the port of it that takes the wire. */
export interface KindToAdd {
  type: NodeTypeName;
  port: string | null;
}

/** The kinds that can be added here: all, or those that a loose wire fits, once for each port that takes it. */
export function kindsToAdd(graph: Graph, end: PulledEnd | null): { type: NodeTypeName; port: Port | null }[] {
  if (end === null) {
    return NODE_TYPE_NAMES.map((type) => ({ type, port: null }));
  }
  const { inputs, output } = portsOf(graph.nodes.get(end.nodeId)?.type ?? "");
  const port = end.side === "source" ? output : inputs.find(({ name }) => name === end.port);
  return port ? kindsThatFit({ side: end.side === "source" ? "output" : "input", type: port.type }) : [];
}

/** Rows for the kinds, by what was typed. */
export function kindChoices(
  graph: Graph,
  end: PulledEnd | null,
  query: string,
  onPick: (kind: KindToAdd) => void,
): Choice[] {
  const kinds = kindsToAdd(graph, end);
  const words = wordsOf(query);
  return kinds
    .map(({ type, port }): Choice => {
      const { label, icon, output } = nodeDefinition(type);
      const isOneOfSeveral = kinds.filter((kind) => kind.type === type).length > 1;
      return {
        id: `${type}-${port?.name ?? ""}`,
        label,
        hint: port && isOneOfSeveral ? `As ${port.title.toLowerCase()}` : null,
        icon,
        iconClassName: output ? TYPE_COLOUR[output.type] : undefined,
        onChoose: () => onPick({ type, port: port?.name ?? null }),
      };
    })
    .filter(({ label, hint }) => words.every((word) => `${label} ${hint ?? ""}`.toLowerCase().includes(word)));
}
