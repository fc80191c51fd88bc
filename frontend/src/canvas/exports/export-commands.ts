/** The command that exports what is selected as a film. */

import { Film } from "lucide-react";
import { type Command, selectedNodes } from "@/canvas/commands/command";

export const exportCommands: readonly Command[] = [
  {
    id: "export-film",
    title: "Export film",
    section: "Run",
    icon: Film,
    shortcuts: [],
    keywords: "download render join stitch mp4 1080p 4k movie",
    isEdit: true,
    isOffered: ({ panels }) => panels.has("export"),
    isEnabled: (context) => selectedNodes(context).size > 0,
    run: (context) => {
      const nodeIds = [...selectedNodes(context)];
      context.canvas.state.setState({ panel: { kind: "export", nodeIds } });
    },
  },
];
