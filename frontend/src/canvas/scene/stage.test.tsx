// @vitest-environment jsdom
/** The stage with its DOM: what is rendered, how often, and what gestures do. */

import { act, cleanup, render, screen, waitFor } from "@testing-library/react";
import { Profiler } from "react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { CanvasView } from "@/canvas/canvas-view";
import { Stage } from "@/canvas/scene/stage";
import type { StageProps } from "@/canvas/scene/stage-props";
import { stubBrowser } from "@/canvas/scene/test-browser";
import { SelectionStore } from "@/canvas/selection";
import { ProjectProvider, useProject } from "@/live/project-context";
import type { ProjectDocument } from "@/live/project-document";
import { useNodeMoment } from "@/live/status-store";
import { aDocument, aNode, aProject, aStatus } from "@/live/test-builders";
import { nodeDefinition } from "@/nodes/registry";

const rendered: string[] = [];

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

interface Shown {
  document: ProjectDocument;
  selection: SelectionStore;
  view: CanvasView;
  props: StageProps;
  surface: HTMLElement;
}

/** A stage at 100 % over nodes that stand in a row, 500 units apart: three of them are in view. */
async function show(count: number, changes: Partial<StageProps> = {}): Promise<Shown> {
  const nodes = Array.from({ length: count }, (_, index) =>
    aNode({ id: `n${index}`, title: `Node ${index}`, position: { x: 100 + index * 500, y: 300 } }),
  );
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
async function lookAtFirst({ view }: Shown): Promise<void> {
  act(() => view.fit(["n0", "n1"]));
  await waitFor(() => expect(screen.getByTestId("n1")).toBeTruthy());
}

function press(surface: HTMLElement, type: string, x: number, y: number, init: PointerEventInit = {}): void {
  act(() => {
    surface.dispatchEvent(
      new PointerEvent(type, { bubbles: true, clientX: x, clientY: y, pointerId: 1, pointerType: "mouse", ...init }),
    );
  });
}

/** Where a canvas point is in the window. */
function pointOf({ view }: Shown, x: number, y: number): [number, number] {
  const { clientX, clientY } = view.toClient({ x, y });
  return [clientX, clientY];
}

beforeEach(() => {
  rendered.length = 0;
  stubBrowser();
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("the DOM", () => {
  test("is only of the nodes around the view", async () => {
    const shown = await show(1000);
    await lookAtFirst(shown);

    expect(screen.queryByTestId("n900")).toBeNull();
    expect(screen.getAllByRole("group").length).toBeLessThan(20);
  });

  test("has no node when one is so far out that none could be read", async () => {
    const shown = await show(60);
    await lookAtFirst(shown);
    act(() => shown.view.fit());

    await waitFor(() => expect(screen.queryAllByRole("group")).toHaveLength(0));
  });

  test("gets a node that is revealed, wherever it is", async () => {
    const shown = await show(1000);
    const isThere = vi.fn();
    void shown.view.reveal("n777").then(isThere);

    await waitFor(() => expect(isThere).toHaveBeenCalled());
    expect(screen.getByTestId("n777")).toBeTruthy();
  });
});

describe("a change", () => {
  test("of one node's state renders exactly that node", async () => {
    const shown = await show(100);
    await lookAtFirst(shown);
    rendered.length = 0;

    act(() => shown.document.applyStatus(aStatus({ node_id: "n1", version: 2 })));

    expect(rendered).toEqual(["n1"]);
    expect(screen.getByTestId("n1").textContent).toBe("running");
  });

  test("of a node that is out of view renders none", async () => {
    const shown = await show(100);
    await lookAtFirst(shown);
    rendered.length = 0;

    act(() => shown.document.applyStatus(aStatus({ node_id: "n90", version: 2 })));

    expect(rendered).toEqual([]);
  });

  test("of the selection renders no card", async () => {
    const shown = await show(100);
    await lookAtFirst(shown);
    rendered.length = 0;

    act(() => shown.selection.set({ nodes: ["n0", "n1"] }));

    expect(rendered).toEqual([]);
  });

  test("of the view renders no card", async () => {
    const shown = await show(3);
    await lookAtFirst(shown);
    rendered.length = 0;

    act(() => {
      shown.surface.dispatchEvent(new WheelEvent("wheel", { deltaY: 20, bubbles: true, cancelable: true }));
    });

    expect(rendered).toEqual([]);
  });
});

describe("the pointer", () => {
  test("selects the node that it presses, and nothing where nothing is", async () => {
    const shown = await show(3);
    const at = pointOf(shown, 150, 310);
    press(shown.surface, "pointerdown", ...at);
    press(shown.surface, "pointerup", ...at);
    expect([...shown.selection.state.getState().nodes]).toEqual(["n0"]);

    const nowhere = pointOf(shown, 150, 200);
    press(shown.surface, "pointerdown", ...nowhere);
    press(shown.surface, "pointerup", ...nowhere);
    expect(shown.selection.state.getState().nodes.size).toBe(0);
  });

  test("moves all selected nodes, told once at the end", async () => {
    const shown = await show(3);
    act(() => shown.selection.set({ nodes: ["n0", "n2"] }));
    const [x, y] = pointOf(shown, 150, 310);
    const zoom = shown.view.zoom();
    press(shown.surface, "pointerdown", x, y);
    press(shown.surface, "pointermove", x + 10 * zoom, y);
    press(shown.surface, "pointermove", x + 100 * zoom, y + 50 * zoom);
    expect(shown.props.onMove).not.toHaveBeenCalled();
    press(shown.surface, "pointerup", x + 100 * zoom, y + 50 * zoom);

    expect(shown.props.onMove).toHaveBeenCalledExactlyOnceWith(
      new Map([
        ["n0", { x: 200, y: 350 }],
        ["n2", { x: 1200, y: 350 }],
      ]),
    );
  });

  test("moves nothing for who may only look", async () => {
    const shown = await show(3, { canEdit: false });
    const [x, y] = pointOf(shown, 150, 310);
    press(shown.surface, "pointerdown", x, y);
    press(shown.surface, "pointermove", x + 100, y);
    press(shown.surface, "pointerup", x + 100, y);

    expect(shown.props.onMove).not.toHaveBeenCalled();
  });

  test("moves nothing after Escape", async () => {
    const shown = await show(3);
    const [x, y] = pointOf(shown, 150, 310);
    press(shown.surface, "pointerdown", x, y);
    press(shown.surface, "pointermove", x + 100, y);
    act(() => {
      window.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    });
    press(shown.surface, "pointerup", x + 100, y);

    expect(shown.props.onMove).not.toHaveBeenCalled();
    expect(shown.view.nodeAt({ x: 150, y: 310 })).toBe("n0");
  });

  test("draws a box that selects what it touches, and with shift adds to what is selected", async () => {
    const shown = await show(4);
    act(() => shown.selection.set({ nodes: ["n3"] }));
    const from = pointOf(shown, 60, 250);
    const to = pointOf(shown, 700, 400);
    press(shown.surface, "pointerdown", ...from, { shiftKey: true });
    press(shown.surface, "pointermove", ...to, { shiftKey: true });
    press(shown.surface, "pointerup", ...to, { shiftKey: true });

    expect(shown.selection.state.getState().nodes).toEqual(new Set(["n3", "n0", "n1"]));
  });

  test("pans with the hand tool, over nodes too, and selects nothing", async () => {
    const shown = await show(3, { tool: "hand" });
    const [x, y] = pointOf(shown, 150, 310);
    const before = shown.view.visibleRect();
    press(shown.surface, "pointerdown", x, y);
    press(shown.surface, "pointermove", x + 40, y + 20);
    press(shown.surface, "pointerup", x + 40, y + 20);

    const zoom = shown.view.zoom();
    expect(shown.view.visibleRect().x).toBeCloseTo(before.x - 40 / zoom);
    expect(shown.view.visibleRect().y).toBeCloseTo(before.y - 20 / zoom);
    expect(shown.selection.state.getState().nodes.size).toBe(0);
  });
});

test("the wheel pans, and with the control key zooms where the pointer is", async () => {
  const shown = await show(3);
  const turn = (init: WheelEventInit) =>
    act(() => {
      shown.surface.dispatchEvent(new WheelEvent("wheel", { bubbles: true, cancelable: true, ...init }));
    });
  const before = shown.view.visibleRect();
  turn({ deltaY: 50 });
  expect(shown.view.visibleRect()).toMatchObject({ x: before.x, width: before.width });
  expect(shown.view.visibleRect().y).toBeGreaterThan(before.y);

  const under = shown.view.toCanvas({ clientX: 300, clientY: 200 });
  turn({ deltaY: 20, ctrlKey: true, clientX: 300, clientY: 200 });
  expect(shown.view.visibleRect().width).toBeGreaterThan(before.width);
  expect(shown.view.toCanvas({ clientX: 300, clientY: 200 }).x).toBeCloseTo(under.x);
});

test("a menu is asked for what lies under the pointer, which is selected by then", async () => {
  const shown = await show(3);
  const [clientX, clientY] = pointOf(shown, 650, 310);
  act(() => {
    shown.surface.dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true, clientX, clientY }));
  });

  expect(shown.props.onOpenMenu).toHaveBeenCalledWith(
    { clientX, clientY },
    expect.objectContaining({ kind: "node", nodeId: "n1" }),
  );
  expect([...shown.selection.state.getState().nodes]).toEqual(["n1"]);
});

test("a double click where nothing is says where", async () => {
  const shown = await show(3);
  const [clientX, clientY] = pointOf(shown, 150, 200);
  act(() => {
    shown.surface.dispatchEvent(new MouseEvent("dblclick", { bubbles: true, clientX, clientY }));
  });

  const spot = vi.mocked(shown.props.onEmptyDoubleClick).mock.calls[0]?.[0];
  expect(spot?.at.x).toBeCloseTo(150);
  expect(spot?.at.y).toBeCloseTo(200);
});
