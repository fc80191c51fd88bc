// @vitest-environment jsdom
/** The outline, as somebody uses it who has only a keyboard and ears. */

import { act, cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { OpenProject } from "@/api/projects";
import type { CommandContext } from "@/canvas/commands/command";
import { aContext, type TestContext } from "@/canvas/commands/test-context";
import { aGraph, aWire, frameAt, nodeAt } from "@/canvas/editing/test-graph";
import { connectTargets } from "@/canvas/outline/connect-targets";
import { OutlinePanel } from "@/canvas/outline/outline-panel";
import { outlineRows } from "@/canvas/outline/outline-rows";
import { ProjectProvider } from "@/live/project-context";
import { aDocument, aProject, aStatus } from "@/live/test-builders";
import type { WireNode } from "@/live/wire";

const NODES = [
  frameAt("Opening", 0, 0, 1200, 700),
  nodeAt("Words", 40, 60, { config: { text: "a lighthouse" } }),
  nodeAt("Hero", 500, 60, { type: "video" }),
  nodeAt("Alt", 1400, 0, { type: "video" }),
];

beforeAll(() => {
  // jsdom has neither; cmdk asks for both.
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      unobserve() {}
      disconnect() {}
    },
  );
  Element.prototype.scrollIntoView = () => {};
});

afterEach(cleanup);

function show(
  nodes: WireNode[] = NODES,
  project: Partial<OpenProject> = {},
  parts: Partial<CommandContext> = {},
): TestContext {
  const context = aContext(aDocument(aProject(nodes, { connections: [aWire("Words", "Hero")], ...project })), parts);
  render(
    <ProjectProvider value={context.document}>
      <OutlinePanel context={context} onClose={() => {}} />
    </ProjectProvider>,
  );
  return context;
}

const tree = () => screen.getByRole("tree", { name: "Nodes" });
const nameOf = (item: Element | null) =>
  document.getElementById(item?.getAttribute("aria-labelledby") ?? "")?.textContent?.replaceAll(/\s+/g, " ") ?? null;
const names = () => screen.getAllByRole("treeitem").map(nameOf);
const active = () => nameOf(document.getElementById(tree().getAttribute("aria-activedescendant") ?? ""));
const press = (key: string, more: object = {}) => fireEvent.keyDown(tree(), { key, ...more });

describe("the outline", () => {
  test("has the focus when it opens, and tells kind, name, state and inputs in reading order", () => {
    show();
    expect(document.activeElement).toBe(tree());
    expect(names()).toEqual([
      "Frame: Opening",
      "Prompt: Words, a lighthouse, not run yet",
      "Video: Hero, from Words, not run yet",
      "Video: Alt, not run yet",
    ]);
    const levels = screen.getAllByRole("treeitem").map((item) => item.getAttribute("aria-level"));
    expect(levels).toEqual(["1", "2", "2", "1"]);
  });

  test("tells of a node that begins to run", () => {
    const context = show();
    act(() => context.document.applyStatus(aStatus({ node_id: "Alt", version: 5 })));
    expect(names()).toContainEqual(expect.stringMatching(/^Video: Alt,\s+Rendering$/));
  });

  test("goes by arrows; Enter selects and shows", () => {
    const context = show();
    press("ArrowDown");
    press("ArrowDown");
    expect(active()).toMatch(/Hero/);
    press("Enter");
    expect(context.view.asked).toEqual(["reveal Hero"]);
    expect([...context.canvas.selection.state.getState().nodes]).toEqual(["Hero"]);
    press("End");
    expect(active()).toMatch(/Alt/);
    press("Home");
    expect(active()).toMatch(/Opening/);
  });

  test("closes and opens a frame, and goes back to it from inside", () => {
    show();
    press("ArrowDown");
    press("ArrowLeft");
    expect(active()).toMatch(/Opening/);
    press("ArrowLeft");
    expect(names()).toEqual(["Frame: Opening", "Video: Alt, not run yet"]);
    press("ArrowRight");
    expect(names()).toHaveLength(4);
  });

  test("deletes, and the next row takes over", () => {
    const context = show();
    press("ArrowDown");
    press("Delete");
    expect(context.document.graph.getState().nodes.has("Words")).toBe(false);
    expect(active()).toMatch(/Hero/);
  });

  test("deletes nothing for a viewer, who is offered no edits", () => {
    const context = show(NODES, { role: "viewer" });
    press("Delete");
    expect(context.document.graph.getState().nodes.size).toBe(4);
    press("ContextMenu");
    expect(screen.getAllByRole("menuitem").map(({ textContent }) => textContent)).toHaveLength(1);
  });

  test("narrows by what is typed, wherever the focus is in it", async () => {
    show();
    await userEvent.keyboard("hero");
    expect(names()).toEqual(["Video: Hero, from Words, not run yet"]);
    expect(screen.getByText("1 of 4")).toBeTruthy();
    await userEvent.keyboard("{Escape}");
    expect(names()).toHaveLength(4);
  });

  test("has only the rows in view in the page, however many there are", () => {
    show(
      Array.from({ length: 10_000 }, (_, index) => nodeAt(`n${index}`, index, 0)),
      { connections: [] },
    );
    expect(screen.getAllByRole("treeitem").length).toBeLessThan(60);
    expect(screen.getAllByRole("treeitem")[0]?.getAttribute("aria-setsize")).toBe("10000");
    press("End");
    fireEvent.scroll(tree());
    expect(active()).toMatch(/n9999/);
  });
});

describe("from the outline", () => {
  async function choose(key: string, item: RegExp) {
    press(key);
    await userEvent.click(screen.getByRole("menuitem", { name: item }));
  }

  test("an output is connected to an input that fits", async () => {
    const context = show();
    press("ArrowDown");
    await choose("ContextMenu", /Connect the output/);
    const dialog = screen.getByRole("dialog");
    await userEvent.click(within(dialog).getByRole("option", { name: /Alt: Prompt/ }));
    expect([...context.document.graph.getState().connections.values()]).toContainEqual(
      expect.objectContaining({ source_node_id: "Words", target_node_id: "Alt", target_port: "prompt" }),
    );
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  test("an input is disconnected", async () => {
    const context = show();
    press("ArrowDown");
    press("ArrowDown");
    press("ContextMenu");
    await userEvent.hover(screen.getByRole("menuitem", { name: "Disconnect an input" }));
    fireEvent.keyDown(screen.getByRole("menuitem", { name: "Disconnect an input" }), { key: "ArrowRight" });
    await userEvent.click(await screen.findByRole("menuitem", { name: "Prompt: Words" }));
    expect(context.document.graph.getState().connections.size).toBe(0);
  });

  test("a node is renamed", async () => {
    const context = show();
    press("End");
    press("F2");
    const name = screen.getByRole("textbox", { name: "Name" });
    await userEvent.clear(name);
    await userEvent.type(name, "Storm{Enter}");
    expect(context.document.graph.getState().nodes.get("Alt")?.title).toBe("Storm");
  });

  test("a video is run, where this person can run anything", async () => {
    const ran: string[] = [];
    show(NODES, {}, { runs: { runNext() {}, openPlan() {}, runNode: (id) => ran.push(id) } });
    press("End");
    await choose("ContextMenu", /^Run/);
    expect(ran).toEqual(["Alt"]);
  });
});

test("inputs that would make a circle are no targets, and a full one says whose place is taken", () => {
  const graph = aGraph(
    [
      nodeAt("a", 0, 0, { type: "video" }),
      nodeAt("b", 600, 0, { type: "video" }),
      nodeAt("p", 0, 500),
      nodeAt("q", 0, 900),
    ],
    [aWire("a", "b", "video", "video"), aWire("p", "b")],
  );
  expect(connectTargets(graph, "b", "", 50)).toEqual([]);
  expect(connectTargets(graph, "q", "b", 50).map(({ node, replaces }) => [node.id, replaces])).toEqual([["b", "p"]]);
});

test("the rows of ten thousand nodes on a hundred frames are made while one waits", () => {
  const frames = Array.from({ length: 100 }, (_, index) => frameAt(`f${index}`, index * 5000, 0, 4900, 4900));
  const nodes = Array.from({ length: 10_000 }, (_, index) =>
    nodeAt(`n${index}`, (index % 100) * 5000 + 100, Math.floor(index / 100) * 40),
  );
  const begun = performance.now();
  const rows = outlineRows(aGraph([...frames, ...nodes]), { closed: new Set(), filter: "" });
  expect(rows).toHaveLength(10_100);
  expect(performance.now() - begun).toBeLessThan(3000);
});
