// @vitest-environment jsdom
/** The command palette and the menu for new nodes, as people use them. */

import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { CommandContext } from "@/canvas/commands/command";
import { aContext, type TestContext } from "@/canvas/commands/test-context";
import { aGraph, nodeAt } from "@/canvas/editing/test-graph";
import { AddNodeMenu } from "@/canvas/palette/add-node-menu";
import { addPicked } from "@/canvas/palette/add-picked";
import { CommandPalette } from "@/canvas/palette/command-palette";
import { findNodes } from "@/canvas/palette/search";
import type { PulledEnd } from "@/canvas/scene/stage-props";
import { ProjectProvider } from "@/live/project-context";
import { aDocument, aProject } from "@/live/test-builders";

const NODES = [
  nodeAt("words", 0, 0, { title: "Shot prompt", config: { text: "A lone lighthouse on a basalt cliff" } }),
  nodeAt("hero", 600, 0, { type: "video", title: "Hero shot" }),
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

function showPalette(changes: Partial<CommandContext> = {}, mode: "commands" | "search" = "commands"): TestContext {
  const context = aContext(aDocument(aProject(NODES)), changes);
  render(<CommandPalette context={context} mode={mode} isOpen onClose={() => {}} />);
  return context;
}

const field = () => screen.getByRole("combobox");

describe("the palette", () => {
  test("runs the command that a few letters find", async () => {
    const context = showPalette();
    await userEvent.type(field(), "add vid{Enter}");
    expect([...context.document.graph.getState().nodes.values()].map(({ type }) => type)).toEqual([
      "prompt",
      "video",
      "video",
    ]);
  });

  test("finds a node by the words in it, and shows it", async () => {
    const context = showPalette();
    await userEvent.type(field(), "basalt{Enter}");
    expect(context.view.asked).toEqual(["reveal words"]);
    expect([...context.canvas.selection.state.getState().nodes]).toEqual(["words"]);
  });

  test("offers nothing that would do nothing now, and nothing that this page does not have", async () => {
    showPalette();
    expect(screen.queryByRole("option", { name: /^Duplicate/ })).toBeNull();
    expect(screen.queryByRole("option", { name: /Gallery/ })).toBeNull();
    expect(screen.getByRole("option", { name: /^Zoom to fit/ })).toBeTruthy();
  });

  test("says that nothing fits", async () => {
    showPalette();
    await userEvent.type(field(), "xyzzy");
    expect(screen.getByText("Nothing fits “xyzzy”.")).toBeTruthy();
  });

  test("as a search finds nodes only", async () => {
    showPalette({}, "search");
    await userEvent.type(field(), "shot");
    expect(screen.getAllByRole("option").map(({ textContent }) => textContent)).toEqual([
      "Shot promptPrompt",
      "Hero shotVideo",
    ]);
  });
});

test("nodes whose name begins with the word come before those that have it in their text", () => {
  const graph = aGraph([
    nodeAt("1", 0, 0, { title: "Sea", config: { text: "a storm comes" } }),
    nodeAt("2", 0, 0, { title: "The storm" }),
    nodeAt("3", 0, 0, { title: "Storm" }),
  ]);
  expect(findNodes(graph, "storm", 10).map(({ node }) => node.id)).toEqual(["3", "2", "1"]);
  expect(findNodes(graph, "storm", 2)).toHaveLength(2);
});

describe("the menu at a wire's loose end", () => {
  function showMenu(end: PulledEnd | null): TestContext {
    const context = aContext(aDocument(aProject(NODES)));
    render(
      <ProjectProvider value={context.document}>
        <AddNodeMenu
          at={{ clientX: 10, clientY: 10 }}
          end={end}
          onPick={(kind) => addPicked(context, kind, { x: 700, y: 700 }, end)}
          onClose={() => {}}
        />
      </ProjectProvider>,
    );
    return context;
  }
  const options = () => screen.getAllByRole("option").map(({ textContent }) => textContent);

  test("offers what fits the wire, and connects it", async () => {
    const context = showMenu({ nodeId: "words", port: "prompt", side: "source" });
    expect(options()).toEqual(["Video"]);

    fireEvent.click(screen.getByRole("option", { name: "Video" }));

    const { nodes, connections } = context.document.graph.getState();
    expect(nodes.size).toBe(3);
    expect([...connections.values()]).toMatchObject([{ source_node_id: "words", target_port: "prompt" }]);
  });

  test("offers what can feed an input", () => {
    showMenu({ nodeId: "hero", port: "last_frame", side: "target" });
    expect(options()).toEqual(["Image"]);
  });

  test("without a wire offers every kind", () => {
    showMenu(null);
    expect(options()).toEqual(["Prompt", "Image", "Video", "Frame", "Note"]);
  });
});
