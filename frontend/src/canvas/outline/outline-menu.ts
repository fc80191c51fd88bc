/** What can be done with a node from the outline. */

import { Cable, Eye, Pencil, Play, Trash2, Unplug } from "lucide-react";
import type { CommandContext } from "@/canvas/commands/command";
import { perform } from "@/canvas/commands/perform";
import { isAtWork } from "@/canvas/commands/system-clipboard";
import { deleteSelection } from "@/canvas/editing/deleting";
import { wiresInto } from "@/live/graph";
import { portsOf } from "@/nodes/ports";
import type { MenuItem } from "@/ui/menu";

interface OutlineMenuActions {
  onShow: (nodeId: string) => void;
  onAsk: (kind: "rename" | "connect", nodeId: string) => void;
}

export function outlineMenu(
  context: CommandContext,
  nodeId: string,
  { onShow, onAsk }: OutlineMenuActions,
): MenuItem[] {
  const { document, runs } = context;
  const graph = document.graph.getState();
  const node = graph.nodes.get(nodeId);
  if (!node) {
    return [];
  }
  const only = new Set([nodeId]);
  const show: MenuItem = {
    kind: "action",
    label: "Show on the canvas",
    icon: Eye,
    shortcut: "Enter",
    onSelect: () => onShow(nodeId),
  };
  if (!document.canEdit) {
    return [show];
  }
  const hasOutput = portsOf(node.type).output !== null;
  return [
    show,
    ...(runs && node.type === "video" ? [action("Run", Play, () => runs.runNode(nodeId))] : []),
    { kind: "separator" },
    ...(hasOutput ? [action("Connect the output to…", Cable, () => onAsk("connect", nodeId))] : []),
    ...disconnectItems(context, nodeId),
    action("Rename…", Pencil, () => onAsk("rename", nodeId), { shortcut: "F2" }),
    { kind: "separator" },
    action(
      "Delete",
      Trash2,
      () => {
        const gone = { nodes: only, wires: new Set<string>() };
        perform(
          context,
          deleteSelection(document.graph.getState(), gone, (id) => isAtWork(document, id)),
        );
      },
      { shortcut: "Delete", isDangerous: true },
    ),
  ];
}

function disconnectItems(context: CommandContext, nodeId: string): MenuItem[] {
  const { graph } = context.document;
  const now = graph.getState();
  const wires = wiresInto(now, nodeId);
  const { inputs } = portsOf(now.nodes.get(nodeId)?.type ?? "");
  if (wires.length === 0) {
    return [];
  }
  const items = wires.map((wire) => {
    const input = inputs.find(({ name }) => name === wire.target_port)?.title ?? wire.target_port;
    const source = now.nodes.get(wire.source_node_id)?.title ?? "";
    return action(`${input}: ${source}`, Unplug, () => {
      const gone = { nodes: new Set<string>(), wires: new Set([wire.id]) };
      perform(
        context,
        deleteSelection(graph.getState(), gone, () => false),
      );
    });
  });
  return [{ kind: "submenu", label: "Disconnect an input", icon: Unplug, items }];
}

type Action = Extract<MenuItem, { kind: "action" }>;

function action(label: string, icon: Action["icon"], onSelect: () => void, more: Partial<Action> = {}): MenuItem {
  return { kind: "action", label, icon, onSelect, ...more };
}
