"use client";
/** What floats over the canvas: tools at the left, the inspector at the right, and what was opened. */

import { UsersRound } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import { useStore } from "zustand";
import type { Panel } from "@/canvas/canvas-context";
import type { CommandContext } from "@/canvas/commands/command";
import { useShortcuts } from "@/canvas/commands/use-shortcuts";
import { ExportBar } from "@/canvas/exports/export-bar";
import { ArrangeBar } from "@/canvas/islands/arrange-bar";
import { EmptyCanvas } from "@/canvas/islands/empty-canvas";
import { ToolRail } from "@/canvas/islands/tool-rail";
import { ZoomIsland } from "@/canvas/islands/zoom-island";
import {
  CharactersPanel,
  CommandPalette,
  ExportPanel,
  GalleryPanel,
  Inspector,
  OutlinePanel,
  PeopleDialog,
  PlanPanel,
  preloadParts,
  ShortcutsDialog,
} from "@/canvas/lazy-parts";
import { ProjectIsland } from "@/canvas/project-island";
import { RunBar } from "@/canvas/runs/run-bar";
import { RunIsland } from "@/canvas/runs/run-island";
import { TakesPanel } from "@/canvas/viewer/takes-panel";
import type { ConnectionState } from "@/live/feed";
import { ProblemNotice } from "@/ui/problem-notice";
import { Tooltip } from "@/ui/tooltip";

interface IslandsProps {
  context: CommandContext;
  /** Who is signed in. */
  account: ReactNode;
  connection: ConnectionState;
}

export function Islands({ context, account, connection }: IslandsProps) {
  useShortcuts(context);
  useIdlePreload();
  return (
    <>
      <EmptyCanvas context={context} />
      <div className="pointer-events-none absolute inset-3 z-10 flex flex-col gap-3">
        <header className="flex items-start justify-between gap-3 max-sm:flex-wrap max-sm:justify-end">
          <ProjectIsland connection={connection} context={context} />
          <div className="flex items-start gap-2">
            <RunIsland>
              <PeopleButton context={context} />
            </RunIsland>
            {account}
          </div>
        </header>
        {connection.kind === "ended" && (
          <ProblemNotice problem={connection.problem} className="pointer-events-auto self-center">
            <p className="text-mut">What you see here does not change any more.</p>
          </ProblemNotice>
        )}
        <div className="flex min-h-0 flex-1 items-stretch gap-3">
          <div className="flex items-center">
            <ToolRail context={context} className="hidden sm:flex" />
          </div>
          <SidePanels context={context} />
          <Inspector className="ml-auto hidden self-start lg:flex" />
        </div>
        <footer className="grid grid-cols-[1fr_auto_1fr] items-end gap-3 max-sm:grid-cols-1">
          <ZoomIsland context={context} className="justify-self-start max-sm:order-last" />
          <div className="flex flex-col items-center gap-3">
            <ArrangeBar context={context} />
            <ExportBar />
            <RunBar />
          </div>
        </footer>
      </div>
      <Overlays context={context} />
    </>
  );
}

/** As soon as the page has nothing better to do. */
function useIdlePreload(): void {
  useEffect(() => {
    if (typeof requestIdleCallback === "undefined") {
      preloadParts(); // Safari
      return;
    }
    const idle = requestIdleCallback(preloadParts);
    return () => cancelIdleCallback(idle);
  }, []);
}

function usePanel({ canvas }: CommandContext): Panel {
  return useStore(canvas.state, ({ panel }) => panel);
}

function closePanel({ canvas }: CommandContext): void {
  canvas.state.setState({ panel: { kind: "none" } });
}

function SidePanels({ context }: { context: CommandContext }) {
  const panel = usePanel(context);
  return (
    <>
      {panel.kind === "outline" && (
        <OutlinePanel
          context={context}
          onClose={() => closePanel(context)}
          className="pointer-events-auto w-[320px] max-w-full"
        />
      )}
      {panel.kind === "gallery" && <GalleryPanel />}
      {panel.kind === "characters" && <CharactersPanel />}
    </>
  );
}

/** What lies over everything while it is open. */
function Overlays({ context }: { context: CommandContext }) {
  const { kind } = usePanel(context);
  const close = () => closePanel(context);
  return (
    <>
      {kind === "plan" && <PlanPanel />}
      {kind === "export" && <ExportPanel />}
      <TakesPanel />
      {(kind === "palette" || kind === "search") && (
        <CommandPalette context={context} mode={kind === "search" ? "search" : "commands"} isOpen onClose={close} />
      )}
      {kind === "shortcuts" && <ShortcutsDialog context={context} isOpen onClose={close} />}
      {kind === "people" && <PeopleDialog isOpen onClose={close} />}
    </>
  );
}

function PeopleButton({ context }: { context: CommandContext }) {
  return (
    <Tooltip label="People">
      <button
        type="button"
        aria-label="People of this project"
        onClick={() => context.canvas.state.setState({ panel: { kind: "people" } })}
        className="grid size-9 place-items-center rounded-input text-mut hover:bg-raise/60 hover:text-fg"
      >
        <UsersRound aria-hidden className="size-4" />
      </button>
    </Tooltip>
  );
}
