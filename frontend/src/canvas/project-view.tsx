"use client";
/** A project on screen: the canvas, and the islands that float over it. */

import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { createStore } from "zustand/vanilla";
import { useStudio } from "@/api/studio";
import { Announcer } from "@/canvas/announcer";
import { type Canvas, CanvasProvider, type CanvasState, type Panel } from "@/canvas/canvas-context";
import { CanvasStage } from "@/canvas/canvas-stage";
import { useCommandContext } from "@/canvas/commands/use-command-context";
import { Refusals } from "@/canvas/islands/refusals";
import { LateView } from "@/canvas/late-view";
import { Islands } from "@/canvas/lazy-parts";
import { createNodeActions } from "@/canvas/node-actions";
import { useRunActions } from "@/canvas/runs/use-run-actions";
import { SelectionStore } from "@/canvas/selection";
import type { ConnectionState } from "@/live/feed";
import { ProjectProvider, useProject } from "@/live/project-context";
import type { ProjectDocument } from "@/live/project-document";
import { NodeActionsProvider } from "@/nodes/node-actions";

const PANELS: ReadonlySet<Panel["kind"]> = new Set([
  "outline",
  "gallery",
  "characters",
  "palette",
  "search",
  "shortcuts",
  "people",
  "plan",
  "export",
  "takes",
]);

interface ProjectViewProps {
  /** Who is signed in, at the top right. */
  account: ReactNode;
  document: ProjectDocument;
  connection: ConnectionState;
}

interface OpenCanvas extends Canvas {
  view: LateView;
}

function createCanvas(): OpenCanvas {
  const state = createStore<CanvasState>(() => ({ tool: "select", panel: { kind: "none" }, editing: null }));
  return { selection: new SelectionStore(), state, view: new LateView() };
}

export function ProjectView({ account, document, connection }: ProjectViewProps) {
  const studio = useStudio();
  const [canvas] = useState(createCanvas);
  const nodeActions = useMemo(() => createNodeActions(studio, document, canvas), [studio, document, canvas]);
  return (
    <ProjectProvider value={document}>
      <CanvasProvider value={canvas}>
        <NodeActionsProvider value={nodeActions}>
          <Workspace canvas={canvas} account={account} connection={connection} />
          <Refusals />
          <Announcer />
        </NodeActionsProvider>
      </CanvasProvider>
    </ProjectProvider>
  );
}

interface WorkspaceProps extends Pick<ProjectViewProps, "account" | "connection"> {
  canvas: OpenCanvas;
}

function Workspace({ canvas, account, connection }: WorkspaceProps) {
  const document = useProject();
  const surface = useRef<HTMLElement>(null);
  const runs = useRunActions();
  const context = useCommandContext({ canvas, runs: document.canEdit ? runs : null, panels: PANELS, surface });
  useSelectionOfWhatIsThere(document, canvas.selection);
  return (
    <main className="fixed inset-0 overflow-hidden">
      <CanvasStage context={context} surface={surface} onReady={(view) => canvas.view.ready(view)} />
      <Islands context={context} account={account} connection={connection} />
    </main>
  );
}

/** What was deleted, here or by others, is not selected any more. */
function useSelectionOfWhatIsThere(document: ProjectDocument, selection: SelectionStore): void {
  useEffect(
    () =>
      document.graph.subscribe(({ nodes, connections }) => {
        selection.keepOnly({ node: (id) => nodes.has(id), wire: (id) => connections.has(id) });
      }),
    [document, selection],
  );
}
