// @vitest-environment jsdom
/** The keyboard of the canvas on a page: what keys do, and where they do nothing. */

import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, test } from "vitest";
import type { OpenProject } from "@/api/projects";
import { ShortcutsDialog } from "@/canvas/commands/shortcuts-dialog";
import { aContext, type TestContext } from "@/canvas/commands/test-context";
import { useShortcuts } from "@/canvas/commands/use-shortcuts";
import { aWire, nodeAt } from "@/canvas/editing/test-graph";
import { aDocument, aProject } from "@/live/test-builders";
import { renaming } from "@/nodes/renaming";

function Keyboard({ context }: { context: TestContext }) {
  useShortcuts(context);
  return (
    <>
      <input aria-label="Field" />
      <div role="dialog">
        <button type="button">In a dialog</button>
      </div>
      <div role="listbox" tabIndex={0} aria-label="List" />
      <button type="button">Button</button>
    </>
  );
}

function show(changes: Partial<OpenProject> = {}): TestContext {
  const nodes = [nodeAt("a", 0, 0), nodeAt("b", 600, 0, { type: "video" })];
  const context = aContext(aDocument(aProject(nodes, { connections: [aWire("a", "b")], ...changes })));
  render(<Keyboard context={context} />);
  return context;
}

function nodeIds({ document }: TestContext): string[] {
  return [...document.graph.getState().nodes.keys()];
}

function positionOf({ document }: TestContext, id: string) {
  return document.graph.getState().nodes.get(id)?.position;
}

/** What the browser makes of Mod+C: a copy event with an empty clipboard. Answers what was put into it. */
function clipboardEvent(type: "copy" | "cut" | "paste", text = "", target: Element = document.body) {
  const held = new Map([["text/plain", text]]);
  const event = new Event(type, { bubbles: true, cancelable: true });
  const clipboardData = {
    files: [],
    getData: (name: string) => held.get(name) ?? "",
    setData: (name: string, value: string) => held.set(name, value),
  };
  Object.assign(event, { clipboardData });
  fireEvent(target, event);
  return { text: held.get("text/plain") ?? "", isTaken: event.defaultPrevented };
}

afterEach(cleanup);

describe("keys", () => {
  test("F2 renames the selected node where it is one, and stands in the help sheet", async () => {
    const context = show();
    const renamed: (string | null)[] = [];
    const end = renaming.subscribe(({ nodeId }) => renamed.push(nodeId));
    context.canvas.selection.set({ nodes: ["a", "b"] });
    fireEvent.keyDown(document.body, { key: "F2" });
    context.canvas.selection.set({ nodes: ["b"] });
    fireEvent.keyDown(document.body, { key: "F2" });
    await waitFor(() => expect(renamed).toEqual(["b"]));
    end();

    render(<ShortcutsDialog context={context} isOpen onClose={() => {}} />);
    expect(screen.getByText("Rename").nextElementSibling?.textContent).toBe("F2");
  });

  test("add, select, delete and take back", () => {
    const context = show();

    fireEvent.keyDown(document.body, { key: "t", code: "KeyT" });
    expect(nodeIds(context)).toHaveLength(3);
    const [added] = context.canvas.selection.state.getState().nodes;
    expect(added).toBe(nodeIds(context)[2]);

    fireEvent.keyDown(document.body, { key: "Delete" });
    expect(nodeIds(context)).toEqual(["a", "b"]);

    fireEvent.keyDown(document.body, { key: "z", code: "KeyZ", ctrlKey: true });
    expect(nodeIds(context)).toHaveLength(3);
  });

  test("held down repeat only where that means something", () => {
    const context = show();
    context.canvas.selection.set({ nodes: ["a"] });

    fireEvent.keyDown(document.body, { key: "ArrowRight" });
    fireEvent.keyDown(document.body, { key: "ArrowRight", repeat: true });
    fireEvent.keyDown(document.body, { key: "t", code: "KeyT", repeat: true });

    expect(positionOf(context, "a")).toEqual({ x: 8, y: 0 });
    expect(nodeIds(context)).toEqual(["a", "b"]);
  });

  test("that move a selection again and again are one step to undo", () => {
    const context = show();
    context.canvas.selection.set({ nodes: ["a"] });

    fireEvent.keyDown(document.body, { key: "ArrowRight" });
    fireEvent.keyDown(document.body, { key: "ArrowDown", shiftKey: true });
    fireEvent.keyDown(document.body, { key: "z", code: "KeyZ", ctrlKey: true });

    expect(positionOf(context, "a")).toEqual({ x: 0, y: 0 });
  });

  test("mean nothing while somebody types, or in a dialog", () => {
    const context = show();
    context.canvas.selection.set({ nodes: ["a"] });

    fireEvent.keyDown(screen.getByLabelText("Field"), { key: "Backspace" });
    fireEvent.keyDown(screen.getByText("In a dialog"), { key: "Delete" });
    fireEvent.keyDown(screen.getByLabelText("List"), { key: "Delete" });
    expect(nodeIds(context)).toEqual(["a", "b"]);

    fireEvent.keyDown(screen.getByText("Button"), { key: "Delete" });
    expect(nodeIds(context)).toEqual(["b"]);
  });

  test("with Mod work in a list too", () => {
    const context = show();
    fireEvent.keyDown(screen.getByLabelText("List"), { key: "a", code: "KeyA", ctrlKey: true });
    expect([...context.canvas.selection.state.getState().nodes]).toEqual(["a", "b"]);
  });

  test("that change something do nothing for a viewer, who still can look around", () => {
    const context = show({ role: "viewer" });
    context.canvas.selection.set({ nodes: ["a"] });

    fireEvent.keyDown(document.body, { key: "t", code: "KeyT" });
    fireEvent.keyDown(document.body, { key: "Delete" });
    fireEvent.keyDown(document.body, { key: "f", code: "KeyF" });

    expect(nodeIds(context)).toEqual(["a", "b"]);
    expect(context.view.asked).toEqual(["fit"]);
  });

  test("for a panel that this page has not are left to the browser", () => {
    show();
    const isLeft = fireEvent.keyDown(document.body, { key: "p", code: "KeyP", ctrlKey: true });
    expect(isLeft).toBe(true);
  });

  test("lay out, as one step to undo", async () => {
    const context = show();
    const before = positionOf(context, "b");
    fireEvent.keyDown(document.body, { key: "l", code: "KeyL" });
    await expect.poll(() => context.view.asked).toEqual(["fit"]);
    expect(positionOf(context, "b")).not.toEqual(before);
    expect(context.document.historyState.getState().undo).toBe("lay out 2 nodes");
    context.document.undo();
    expect(positionOf(context, "b")).toEqual(before);
  });
});

describe("the clipboard", () => {
  test("takes the selection by the browser's own event, and gives it back as new nodes with their wire", () => {
    const context = show();
    context.canvas.selection.set({ nodes: ["a", "b"] });

    const copied = clipboardEvent("copy");
    expect(JSON.parse(copied.text)).toMatchObject({ format: "reelgraph.clipboard", version: 1, project_id: "project" });

    clipboardEvent("paste", copied.text);
    expect(nodeIds(context)).toHaveLength(4);
    expect(context.document.graph.getState().connections.size).toBe(2);
  });

  test("cuts", () => {
    const context = show();
    context.canvas.selection.set({ nodes: ["a"] });
    expect(clipboardEvent("cut").isTaken).toBe(true);
    expect(nodeIds(context)).toEqual(["b"]);
  });

  test("is the browser's where nothing is selected, and in a field", () => {
    const context = show();
    expect(clipboardEvent("copy").isTaken).toBe(false);
    context.canvas.selection.set({ nodes: ["a"] });
    expect(clipboardEvent("copy", "", screen.getByLabelText("Field")).isTaken).toBe(false);
    clipboardEvent("paste", "words", screen.getByLabelText("Field"));
    expect(nodeIds(context)).toEqual(["a", "b"]);
  });

  test("gives nothing to a viewer", () => {
    const context = show({ role: "viewer" });
    clipboardEvent("paste", "words");
    expect(nodeIds(context)).toEqual(["a", "b"]);
  });
});
