/** Commands for looking, selecting, running and finding help: nothing of it changes the project. */

import {
  BoxSelect,
  CircleQuestionMark,
  Command as CommandIcon,
  FastForward,
  Hand,
  Images,
  ListTree,
  type LucideIcon,
  Maximize,
  Minus,
  MousePointer2,
  Percent,
  Play,
  Plus,
  Scan,
  Search,
  SquareDashedMousePointer,
  UsersRound,
  Waypoints,
  X,
} from "lucide-react";
import type { Panel, Tool } from "@/canvas/canvas-context";
import { type Command, type CommandContext, selectedNodes } from "@/canvas/commands/command";
import { connectedWith, ofSameKind } from "@/canvas/editing/selecting";

const hasNodes = (context: CommandContext) => selectedNodes(context).size > 0;
/** How much one step of zooming enlarges. */
export const ZOOM_STEP = 1.25;

type SimplePanel = Exclude<Panel, { kind: "palette" | "export" | "takes" | "none" }>["kind"];

/** Opens a panel, or closes it where it is open. */
function panel(
  kind: SimplePanel,
  command: Pick<Command, "id" | "title" | "section" | "icon" | "shortcuts" | "keywords">,
): Command {
  return {
    ...command,
    isOffered: ({ panels }) => panels.has(kind),
    run: ({ canvas }) => {
      const isOpen = canvas.state.getState().panel.kind === kind;
      canvas.state.setState({ panel: { kind: isOpen ? "none" : kind } });
    },
  };
}

function tool(name: Tool, title: string, shortcut: string, icon: LucideIcon): Command {
  return {
    id: `tool-${name}`,
    title,
    section: "View",
    icon,
    shortcuts: [shortcut],
    run: ({ canvas }) => canvas.state.setState({ tool: name }),
  };
}

export const selectCommands: readonly Command[] = [
  {
    id: "select-all",
    title: "Select all",
    section: "Select",
    icon: BoxSelect,
    shortcuts: ["Mod+A"],
    run: ({ canvas, document }) => canvas.selection.set({ nodes: document.graph.getState().nodes.keys() }),
  },
  {
    id: "select-kind",
    title: "Select all of this kind",
    section: "Select",
    icon: SquareDashedMousePointer,
    shortcuts: [],
    isEnabled: hasNodes,
    run: (context) =>
      context.canvas.selection.set({ nodes: ofSameKind(context.document.graph.getState(), selectedNodes(context)) }),
  },
  {
    id: "select-connected",
    title: "Select all connected",
    section: "Select",
    icon: Waypoints,
    shortcuts: [],
    isEnabled: hasNodes,
    run: (context) =>
      context.canvas.selection.set({ nodes: connectedWith(context.document.graph.getState(), selectedNodes(context)) }),
  },
  {
    id: "escape",
    title: "Close, or select nothing",
    section: "Select",
    icon: X,
    shortcuts: ["Escape"],
    run: ({ canvas }) => {
      if (canvas.state.getState().panel.kind === "none") {
        canvas.selection.clear();
      } else {
        canvas.state.setState({ panel: { kind: "none" } });
      }
    },
  },
];

/** Where runs are, there is something to run as soon as there is a node: asking for more would walk the graph. */
const canRun = ({ document }: CommandContext) => document.graph.getState().nodes.size > 0;

export const runCommands: readonly Command[] = [
  {
    id: "run-selected",
    title: "Run",
    section: "Run",
    icon: Play,
    shortcuts: ["Mod+Enter"],
    keywords: "generate render selected video",
    isEdit: true,
    isOffered: ({ runs }) => runs !== null,
    isEnabled: canRun,
    run: ({ runs }) => runs?.runNext(),
  },
  {
    id: "run-all",
    title: "Plan and run all",
    section: "Run",
    icon: FastForward,
    shortcuts: ["Shift+Mod+Enter"],
    keywords: "generate render everything price",
    isEdit: true,
    isOffered: ({ runs }) => runs !== null,
    isEnabled: canRun,
    run: ({ runs }) => runs?.openPlan(),
  },
];

export const viewCommands: readonly Command[] = [
  tool("select", "Select tool", "V", MousePointer2),
  tool("hand", "Hand tool", "H", Hand),
  {
    id: "zoom-in",
    title: "Zoom in",
    section: "View",
    icon: Plus,
    shortcuts: ["+"],
    repeats: true,
    run: ({ canvas }) => canvas.view.zoomTo(canvas.view.zoom() * ZOOM_STEP),
  },
  {
    id: "zoom-out",
    title: "Zoom out",
    section: "View",
    icon: Minus,
    shortcuts: ["-"],
    repeats: true,
    run: ({ canvas }) => canvas.view.zoomTo(canvas.view.zoom() / ZOOM_STEP),
  },
  {
    id: "zoom-fit",
    title: "Zoom to fit",
    section: "View",
    icon: Maximize,
    shortcuts: ["F"],
    keywords: "everything overview",
    run: ({ canvas }) => canvas.view.fit(),
  },
  {
    id: "zoom-selection",
    title: "Zoom to selection",
    section: "View",
    icon: Scan,
    shortcuts: ["Shift+2"],
    isEnabled: hasNodes,
    run: (context) => context.canvas.view.fit(selectedNodes(context)),
  },
  {
    id: "zoom-100",
    title: "Zoom to 100 %",
    section: "View",
    icon: Percent,
    shortcuts: ["1"],
    keywords: "actual size",
    run: ({ canvas }) => canvas.view.zoomTo(1),
  },
  panel("outline", {
    id: "outline",
    title: "Outline",
    section: "View",
    icon: ListTree,
    shortcuts: ["O"],
    keywords: "list layers nodes tree",
  }),
  panel("gallery", {
    id: "gallery",
    title: "Gallery",
    section: "View",
    icon: Images,
    shortcuts: [],
    keywords: "takes videos results",
  }),
  panel("characters", {
    id: "characters",
    title: "Characters",
    section: "View",
    icon: UsersRound,
    shortcuts: [],
    keywords: "faces people identity",
  }),
  panel("search", {
    id: "search",
    title: "Search",
    section: "View",
    icon: Search,
    shortcuts: ["Mod+F"],
    keywords: "find node prompt text",
  }),
  {
    id: "palette",
    title: "Command palette",
    section: "Help",
    icon: CommandIcon,
    shortcuts: ["Mod+K"],
    isOffered: ({ panels }) => panels.has("palette"),
    run: ({ canvas }) => canvas.state.setState({ panel: { kind: "palette", at: null } }),
  },
  panel("shortcuts", {
    id: "shortcuts",
    title: "Keyboard shortcuts",
    section: "Help",
    icon: CircleQuestionMark,
    shortcuts: ["?"],
    keywords: "keys help",
  }),
];
