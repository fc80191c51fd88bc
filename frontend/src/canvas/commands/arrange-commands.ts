/** Commands that move things about. */

import {
  AlignCenterHorizontal,
  AlignCenterVertical,
  AlignEndHorizontal,
  AlignEndVertical,
  AlignHorizontalDistributeCenter,
  AlignStartHorizontal,
  AlignStartVertical,
  AlignVerticalDistributeCenter,
  ArrowDown,
  ArrowLeft,
  ArrowRight,
  ArrowUp,
  Group,
  type LucideIcon,
  Network,
} from "lucide-react";
import { type Command, type CommandContext, selectedNodes } from "@/canvas/commands/command";
import { perform } from "@/canvas/commands/perform";
import { groupIntoFrame } from "@/canvas/editing/adding";
import { GRID } from "@/canvas/editing/bounds";
import { type Alignment, align, type Direction, distribute, nudge } from "@/canvas/editing/moving";
import type { Position } from "@/live/graph";
import { toast } from "@/ui/toaster";

/** Shift and an arrow move this many times as far. */
const FAR = 10;

const ALIGNMENTS: readonly [Alignment, title: string, LucideIcon][] = [
  ["left", "Align left", AlignStartVertical],
  ["centre", "Align centres", AlignCenterVertical],
  ["right", "Align right", AlignEndVertical],
  ["top", "Align top", AlignStartHorizontal],
  ["middle", "Align middles", AlignCenterHorizontal],
  ["bottom", "Align bottom", AlignEndHorizontal],
];

const DISTRIBUTIONS: readonly [Direction, title: string, LucideIcon][] = [
  ["horizontal", "Distribute horizontally", AlignHorizontalDistributeCenter],
  ["vertical", "Distribute vertically", AlignVerticalDistributeCenter],
];

const ARROWS: readonly [key: string, word: string, by: Position, LucideIcon][] = [
  ["ArrowLeft", "left", { x: -GRID, y: 0 }, ArrowLeft],
  ["ArrowRight", "right", { x: GRID, y: 0 }, ArrowRight],
  ["ArrowUp", "up", { x: 0, y: -GRID }, ArrowUp],
  ["ArrowDown", "down", { x: 0, y: GRID }, ArrowDown],
];

const hasNodes = (context: CommandContext) => selectedNodes(context).size > 0;

function nudgeCommand([key, word, by, icon]: (typeof ARROWS)[number], times: number): Command {
  const isFar = times > 1;
  return {
    id: `nudge-${word}${isFar ? "-far" : ""}`,
    title: `Move ${word}${isFar ? " further" : ""}`,
    family: isFar ? "Move the selection further" : "Move the selection",
    section: "Arrange",
    icon,
    shortcuts: [isFar ? `Shift+${key}` : key],
    repeats: true,
    isEdit: true,
    isEnabled: hasNodes,
    run: (context) => {
      const nodeIds = selectedNodes(context);
      const step = nudge(context.document.graph.getState(), nodeIds, { x: by.x * times, y: by.y * times });
      perform(context, step, { mergeKey: `nudge ${[...nodeIds].join(" ")}`, isSilent: true });
    },
  };
}

export const arrangeCommands: readonly Command[] = [
  {
    id: "auto-layout",
    title: "Auto-layout",
    section: "Arrange",
    icon: Network,
    shortcuts: ["L"],
    keywords: "tidy arrange clean up order",
    isEdit: true,
    isEnabled: ({ layout, document }) =>
      layout.state.getState().kind === "idle" && document.graph.getState().nodes.size > 1,
    run: (context) => void layOut(context),
  },
  {
    id: "group",
    title: "Group into a frame",
    section: "Arrange",
    icon: Group,
    shortcuts: ["Mod+G"],
    keywords: "shot scene section",
    isEdit: true,
    isEnabled: hasNodes,
    run: (context) => perform(context, groupIntoFrame(context.document.graph.getState(), selectedNodes(context))),
  },
  ...ALIGNMENTS.map(
    ([alignment, title, icon]): Command => ({
      id: `align-${alignment}`,
      title,
      section: "Arrange",
      icon,
      shortcuts: [],
      isEdit: true,
      isEnabled: (context) => selectedNodes(context).size > 1,
      run: (context) => perform(context, align(context.document.graph.getState(), selectedNodes(context), alignment)),
    }),
  ),
  ...DISTRIBUTIONS.map(
    ([direction, title, icon]): Command => ({
      id: `distribute-${direction}`,
      title,
      section: "Arrange",
      icon,
      shortcuts: [],
      keywords: "space gaps",
      isEdit: true,
      isEnabled: (context) => selectedNodes(context).size > 2,
      run: (context) =>
        perform(context, distribute(context.document.graph.getState(), selectedNodes(context), direction)),
    }),
  ),
  ...ARROWS.map((arrow) => nudgeCommand(arrow, 1)),
  ...ARROWS.map((arrow) => nudgeCommand(arrow, FAR)),
];

/** A layout that takes longer than this says that it goes on. */
const SLOW_MS = 800;
const LAYOUT_TOAST = "layout";

async function layOut(context: CommandContext): Promise<void> {
  const { document, canvas, layout } = context;
  const selected = selectedNodes(context);
  const slow = setTimeout(() => toast.info("Laying out the nodes…", { id: LAYOUT_TOAST }), SLOW_MS);
  const step = await layout.run(() => document.graph.getState(), selected);
  clearTimeout(slow);
  toast.dismiss(LAYOUT_TOAST);
  if (perform(context, step)) {
    canvas.view.fit(selected.size > 1 ? selected : undefined);
  }
}
