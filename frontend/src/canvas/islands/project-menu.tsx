"use client";
/** The menu beside the project's name: the workflow as a file, and the way back. */

import { ChevronDown, Download, LayoutGrid, Upload } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { asProblem } from "@/api/problem";
import { useStudio } from "@/api/studio";
import type { CommandContext } from "@/canvas/commands/command";
import { chooseFiles } from "@/canvas/editing/use-add-pictures";
import { exportToFile, importFromFile } from "@/canvas/islands/project-files";
import { Menu, type MenuItem } from "@/ui/menu";
import { Spinner } from "@/ui/spinner";
import { toast } from "@/ui/toaster";

export function ProjectMenu({ context }: { context: CommandContext }) {
  const { api } = useStudio();
  const router = useRouter();
  const [isBusy, setBusy] = useState(false);
  const { document } = context;

  async function attempt(work: () => Promise<string | undefined>) {
    setBusy(true);
    try {
      const done = await work();
      if (done !== undefined) {
        toast.done(done);
      }
    } catch (thrown) {
      const { detail, advice } = asProblem(thrown);
      toast.problem(detail, { description: advice });
    } finally {
      setBusy(false);
    }
  }

  const exportFile = () => attempt(async () => void (await exportToFile(api, document)));
  const importFile = () =>
    chooseFiles({ accept: ".json,application/json", isMany: false }, ([file]) => {
      if (file) {
        void attempt(() => importFromFile(api, context, file));
      }
    });
  const items: MenuItem[] = [
    {
      kind: "action",
      label: "Export the workflow",
      icon: Download,
      hint: "Settings and connections, without pictures and videos",
      onSelect: exportFile,
    },
    ...(document.canEdit
      ? [
          {
            kind: "action",
            label: "Import a workflow",
            icon: Upload,
            hint: "Adds its nodes to this canvas",
            onSelect: importFile,
          } as const,
        ]
      : []),
    { kind: "separator" },
    { kind: "action", label: "All projects", icon: LayoutGrid, onSelect: () => router.push("/") },
  ];
  return (
    <Menu items={items}>
      <button
        type="button"
        aria-label="Project menu"
        aria-busy={isBusy || undefined}
        disabled={isBusy}
        className="grid size-7 shrink-0 place-items-center rounded-[8px] text-mut hover:bg-raise/60 hover:text-fg data-[state=open]:bg-raise"
      >
        {isBusy ? <Spinner /> : <ChevronDown aria-hidden className="size-4" />}
      </button>
    </Menu>
  );
}
