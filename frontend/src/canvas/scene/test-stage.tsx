/** A stage with its DOM for tests, and what hands do on it. */

import { act, render, screen, waitFor } from "@testing-library/react";
import { Profiler } from "react";
import { expect, vi } from "vitest";
import type { CanvasView } from "@/canvas/canvas-view";
import { Stage } from "@/canvas/scene/stage";
import type { StageProps } from "@/canvas/scene/stage-props";
import { SelectionStore } from "@/canvas/selection";
import { ProjectProvider, useProject } from "@/live/project-context";
import type { ProjectDocument } from "@/live/project-document";
import { useNodeMoment } from "@/live/status-store";
import { aDocument, aNode, aProject } from "@/live/test-builders";
import { nodeDefinition } from "@/nodes/registry";

/** The ids of the nodes whose cards were rendered, in that order. */
export const rendered: string[] = [];

/** Stands for a card: shows its node's state. */
function Card({ nodeId }: { nodeId: string }) {
  const { statuses } = useProject();
  return <p data-testid={nodeId}>{useNodeMoment(statuses, nodeId).status.state}</p>;
}

function renderNode(nodeId: string) {
  return (
    <Profiler id={nodeId} onRender={(id) => rendered.push(id)}>
      <Card nodeId={nodeId} />
    </Profiler>
  );
}

export interface Shown {
  document: ProjectDocument;
  selection: SelectionStore;
  view: CanvasView;
  props: StageProps;
  surface: HTMLElement;
}

/** A stage at 100 % over `count` videos in a row, 500 units apart, three of them in view; `others` stand in for those of their ids. */
export async function show(
  count: number,
  changes: Partial<StageProps> = {},
  others: readonly Parameters<typeof aNode>[0][] = [],
): Promise<Shown> {
  const nodes = Array.from({ length: count }, (_, index) => {
    const id = `n${index}`;
    const other = others.find((node) => node?.id === id);
    return aNode(other ?? { id, title: `Node ${index}`, position: { x: 100 + index * 500, y: 300 } });
  });
  const document = aDocument(aProject(nodes));
  const selection = new SelectionStore();
  let view: CanvasView | null = null;
  const props: StageProps = {
    definitions: nodeDefinition,
    renderNode,
    known: { asset: () => undefined, take: () => undefined, modelName: () => "" },
    selection,
    tool: "select",
    canEdit: true,
    insets: { top: 0, right: 0, bottom: 0, left: 0 },
    label: "Nodes",
    onReady: (ready) => {
      view = ready;
    },
    onMove: vi.fn(),
    onConnect: vi.fn(),
    connectionProblem: () => null,
    onDropWire: vi.fn(),
    onDropOnNode: vi.fn(),
    onOpenMenu: vi.fn(),
    onEmptyDoubleClick: vi.fn(),
    ...changes,
  };
  const { container } = render(
    <ProjectProvider value={document}>
      <Stage {...props} />
    </ProjectProvider>,
  );
  const surface = container.querySelector<HTMLElement>("[data-tool]");
  if (view === null || surface === null) {
    throw new Error("The stage is not ready.");
  }
  return { document, selection, view, props, surface };
}

/** Look at the first nodes at 100 %, and wait until they have DOM. */
export async function lookAtFirst({ view }: Shown): Promise<void> {
  act(() => view.fit(["n0", "n1"]));
  await waitFor(() => expect(screen.getByTestId("n1")).toBeTruthy());
}

export function press(surface: HTMLElement, type: string, x: number, y: number, init: PointerEventInit = {}): void {
  act(() => {
    surface.dispatchEvent(
      new PointerEvent(type, { bubbles: true, clientX: x, clientY: y, pointerId: 1, pointerType: "mouse", ...init }),
    );
  });
}

/** Where a canvas point is in the window. */
export function pointOf({ view }: Shown, x: number, y: number): [number, number] {
  const { clientX, clientY } = view.toClient({ x, y });
  return [clientX, clientY];
}
