// @vitest-environment jsdom
/** The stage with its DOM: what is rendered, and how often. */

import { act, cleanup, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { stubBrowser } from "@/canvas/scene/test-browser";
import { lookAtFirst, rendered, show } from "@/canvas/scene/test-stage";
import { aStatus } from "@/live/test-builders";

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

test("the ring of a selected node follows that node's own edge", async () => {
  const note = { id: "n1", type: "note", position: { x: 600, y: 300 }, config: {} };
  const shown = await show(3, {}, [note]);
  await lookAtFirst(shown);
  act(() => shown.selection.set({ nodes: ["n0", "n1"] }));

  const ringOf = (nodeId: string) =>
    document.querySelector<HTMLElement>(`[data-stage-node="${nodeId}"] > [aria-hidden]`)?.style;
  expect(ringOf("n0")).toMatchObject({ top: "32px", borderRadius: "20px" });
  expect(ringOf("n1")).toMatchObject({ top: "0px", borderRadius: "14px" });
});
