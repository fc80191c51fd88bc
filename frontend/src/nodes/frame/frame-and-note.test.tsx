// @vitest-environment jsdom
/** Frames and notes: what lies in a frame and what it cost, sizes that are kept once, and words typed in place. */

import { act, cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, describe, expect, test } from "vitest";
import { graphOf } from "@/live/graph";
import { aNode, aProject } from "@/live/test-builders";
import { nodesInside, spentOn } from "@/nodes/frame/inside";
import { aTake, showCards } from "@/nodes/test-cards";

afterEach(cleanup);

const frame = aNode({
  id: "frame",
  type: "frame",
  title: "Shot 01",
  config: { width: 800, height: 600, colour: "plain" },
});
const note = aNode({
  id: "note",
  type: "note",
  title: "Note",
  config: { text: "Ask Jo", width: 240, height: 160, colour: "teal" },
});

describe("a frame", () => {
  test("holds the nodes whose middle lies in it, and neither frames nor notes", () => {
    const nodes = [
      frame,
      aNode({ id: "inside", position: { x: 500, y: 400 } }),
      aNode({ id: "outside", position: { x: 700, y: 400 } }),
      aNode({ id: "note", type: "note", position: { x: 10, y: 10 } }),
      aNode({ id: "other", type: "frame", position: { x: 10, y: 10 } }),
    ];
    const size = { width: 400, height: 300 };
    const held = nodesInside(graphOf(aProject(nodes)).nodes, frame, { width: 800, height: 600 }, () => size);
    expect(held).toEqual(["inside"]);
  });

  test("sums up all takes of these nodes", () => {
    const takes = [
      aTake({ node_id: "a", cost_microusd: 1 }),
      aTake({ node_id: "a", cost_microusd: 2 }),
      aTake({ node_id: "b" }),
    ];
    expect(spentOn(takes, ["a"])).toBe(3);
  });

  test("says in its title how many nodes lie in it and what was spent on them", async () => {
    const takes = [aTake({ node_id: "video", cost_microusd: 610_000 })];
    await showCards([frame, aNode({ id: "video", title: "Inside", position: { x: 100, y: 100 } })], {
      answers: { "GET /api/projects/project/takes": takes },
    });

    expect(await screen.findByText("1 node · $0.61 so far")).toBeTruthy();
  });

  test("is resized by dragging its corner: one edit, made at the end", async () => {
    const { document } = await showCards([frame]);
    const handle = screen.getByRole("button", { name: "Resize Shot 01" });
    handle.setPointerCapture = () => {};
    const kept = () => document.graph.getState().nodes.get("frame")?.config;
    fireEvent.pointerDown(handle, { button: 0, clientX: 100, clientY: 100 });
    fireEvent.pointerMove(handle, { clientX: 150, clientY: 120 });
    expect(screen.getByRole("article", { name: /Shot 01/ }).style.width).toBe("850px");
    expect(kept()).toMatchObject({ width: 800, height: 600 });
    fireEvent.pointerUp(handle, { clientX: 160, clientY: 130 });

    expect(kept()).toMatchObject({ width: 860, height: 630 });
    act(() => document.undo());
    expect(kept()).toMatchObject({ width: 800, height: 600 });
  });

  test("is resized by arrow keys, and never smaller than can be taken hold of", async () => {
    const { document } = await showCards([aNode({ ...frame, config: { width: 250, height: 160 } })]);
    const handle = screen.getByRole("button", { name: "Resize Shot 01" });
    fireEvent.keyDown(handle, { key: "ArrowLeft" });
    fireEvent.keyDown(handle, { key: "ArrowUp" });

    expect(document.graph.getState().nodes.get("frame")?.config).toMatchObject({ width: 240, height: 160 });
  });

  test("shows a viewer no corner", async () => {
    await showCards([frame], { role: "viewer" });

    expect(screen.queryByRole("button")).toBeNull();
  });
});

describe("a note", () => {
  test("is typed in place, and what is typed is one step to undo", async () => {
    const { document } = await showCards([note]);
    const field = screen.getByRole("textbox", { name: "Text of the note" });
    fireEvent.doubleClick(screen.getByRole("article", { name: "Note: Note" }));
    expect(window.document.activeElement).toBe(field);
    fireEvent.change(field, { target: { value: "Ask Jo about the sunset" } });
    fireEvent.blur(field);

    const kept = () => document.graph.getState().nodes.get("note")?.config.text;
    expect(kept()).toBe("Ask Jo about the sunset");
    act(() => document.undo());
    expect(kept()).toBe("Ask Jo");
  });

  test("is as large as it was made", async () => {
    await showCards([note]);

    const { style } = screen.getByRole("article", { name: "Note: Note" });
    expect([style.width, style.height]).toEqual(["240px", "160px"]);
  });
});
