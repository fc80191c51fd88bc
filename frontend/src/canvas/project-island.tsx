"use client";
/** The open project: its name, how safe one's work on it is, how live it is, and the way back from the last step. */

import Link from "next/link";
import { useStore } from "zustand";
import type { CommandContext } from "@/canvas/commands/command";
import { CommandButton } from "@/canvas/commands/command-button";
import { useCommands } from "@/canvas/commands/use-commands";
import { ProjectMenu } from "@/canvas/islands/project-menu";
import { ProjectName } from "@/canvas/islands/project-name";
import { savingWords } from "@/canvas/islands/saving-words";
import type { ConnectionState } from "@/live/feed";
import { useProject } from "@/live/project-context";
import { cn } from "@/ui/class-names";
import { Logo } from "@/ui/logo";

interface ProjectIslandProps {
  connection: ConnectionState;
  context: CommandContext;
}

export function ProjectIsland({ connection, context }: ProjectIslandProps) {
  const project = useProject();
  const name = useStore(project.graph, (graph) => graph.name);
  return (
    <div className="island pointer-events-auto flex h-12 min-w-0 items-center gap-3 px-2 max-sm:w-full">
      <title>{`${name} · Reelgraph`}</title>
      <Link href="/" aria-label="All projects" className="shrink-0 rounded-input">
        <Logo />
      </Link>
      <div className="min-w-0 max-sm:flex-1">
        <div className="flex items-center gap-1">
          <ProjectName />
        </div>
        <p className="flex min-w-0 items-center gap-1.5 whitespace-nowrap text-meta text-mut leading-4">
          <ConnectionMark connection={connection} />
          {project.canEdit ? <SavingMark /> : <span>· Only to look at</span>}
        </p>
      </div>
      <ProjectMenu context={context} />
      {project.canEdit && <HistoryButtons context={context} />}
    </div>
  );
}

function SavingMark() {
  const saving = useStore(useProject().saving);
  return (
    <span
      role="status"
      title={saving.kind === "offline" ? `${saving.problem.detail} ${saving.problem.advice}` : undefined}
      className={cn("truncate", saving.kind === "offline" && "text-warn")}
    >
      <span aria-hidden>· </span>
      {savingWords(saving)}
    </span>
  );
}

/** Each says what exactly it would do. */
function HistoryButtons({ context }: { context: CommandContext }) {
  const history = useStore(useProject().historyState);
  const shown = useCommands(context, ["undo", "redo"]);
  return (
    <div className="hidden items-center border-line border-l pl-1.5 sm:flex">
      {shown.map((one) => {
        const what = one.command.id === "undo" ? history.undo : history.redo;
        const label = what === null ? `Nothing to ${one.command.id}` : `${one.command.title} ${what}`;
        return <CommandButton key={one.command.id} shown={one} context={context} label={label} className="size-8" />;
      })}
    </div>
  );
}

const CONNECTION_WORDS: Record<ConnectionState["kind"], { word: string; dot: string }> = {
  connecting: { word: "Connecting", dot: "bg-dim animate-sheen" },
  live: { word: "Live", dot: "bg-ok" },
  reconnecting: { word: "Reconnecting", dot: "bg-warn animate-sheen" },
  ended: { word: "Not live", dot: "bg-err" },
};

function ConnectionMark({ connection }: { connection: ConnectionState }) {
  const { word, dot } = CONNECTION_WORDS[connection.kind];
  const why =
    connection.kind === "reconnecting" || connection.kind === "ended" ? connection.problem?.detail : undefined;
  return (
    <span role="status" title={why} className="flex items-center gap-1.5">
      <span aria-hidden className={cn("size-1.5 rounded-full", dot)} />
      {word}
    </span>
  );
}
