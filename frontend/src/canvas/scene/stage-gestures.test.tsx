// @vitest-environment jsdom
/** What hands do on the stage, and what it tells the studio around it. */

import { act, cleanup } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { stubBrowser } from "@/canvas/scene/test-browser";
import { pointOf, press, show } from "@/canvas/scene/test-stage";

beforeEach(() => {
  stubBrowser();
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
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
