// @vitest-environment jsdom
/** What stands around the canvas: the project's island, the rail, the composer, and where dropped files go. */

import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Problem } from "@/api/problem";
import type { OpenProject } from "@/api/projects";
import { createStudio, StudioProvider } from "@/api/studio";
import { CanvasProvider } from "@/canvas/canvas-context";
import type { CommandContext } from "@/canvas/commands/command";
import { aContext, type TestContext } from "@/canvas/commands/test-context";
import { dropWords } from "@/canvas/editing/drop-words";
import { FileDrop } from "@/canvas/editing/file-drop";
import { aGraph, nodeAt } from "@/canvas/editing/test-graph";
import { EmptyCanvas } from "@/canvas/islands/empty-canvas";
import { placesWithRoom } from "@/canvas/islands/project-files";
import { savingWords } from "@/canvas/islands/saving-words";
import { ToolRail } from "@/canvas/islands/tool-rail";
import { ProjectIsland } from "@/canvas/project-island";
import { ProjectProvider } from "@/live/project-context";
import { aDocument, aProject } from "@/live/test-builders";
import type { WireNode } from "@/live/wire";

vi.mock("next/navigation", () => ({ useRouter: () => ({ push() {} }) }));

const noServer: typeof fetch = () => Promise.resolve(Response.json([]));

function show(
  part: (context: TestContext) => React.ReactNode,
  nodes: WireNode[] = [],
  project: Partial<OpenProject> = {},
  parts: Partial<CommandContext> = {},
): TestContext {
  const context = aContext(aDocument(aProject(nodes, project)), parts);
  render(
    <StudioProvider studio={createStudio({ baseUrl: "http://studio.test", fetch: noServer })}>
      <ProjectProvider value={context.document}>
        <CanvasProvider value={context.canvas}>{part(context)}</CanvasProvider>
      </ProjectProvider>
    </StudioProvider>,
  );
  return context;
}

afterEach(cleanup);

describe("the project's island", () => {
  const island = (context: TestContext) => <ProjectIsland connection={{ kind: "live" }} context={context} />;

  test("renames the project in place", async () => {
    const context = show(island);
    await userEvent.click(screen.getByRole("button", { name: "Lighthouse teaser" }));
    await userEvent.keyboard("Storm{Enter}"); // over the old name, which is marked
    expect(context.document.graph.getState().name).toBe("Storm");
    expect(screen.getByRole("heading", { level: 1, name: "Storm" })).toBeTruthy();
  });

  test("leaves the name as it was on Escape", async () => {
    const context = show(island);
    await userEvent.click(screen.getByRole("button", { name: "Lighthouse teaser" }));
    await userEvent.keyboard("Storm{Escape}");
    expect(context.document.graph.getState().name).toBe("Lighthouse teaser");
  });

  test("says what would be undone, and undoes it", async () => {
    const context = show(island, [nodeAt("a", 0, 0)]);
    expect(screen.getByRole("button", { name: "Nothing to undo" }).getAttribute("aria-disabled")).toBe("true");
    act(() => context.document.edit("move 1 node", [{ op: "update_node", node_id: "a", position: { x: 8, y: 0 } }]));
    await userEvent.click(screen.getByRole("button", { name: "Undo move 1 node" }));
    expect(context.document.graph.getState().nodes.get("a")?.position).toEqual({ x: 0, y: 0 });
    expect(screen.getByRole("button", { name: "Redo move 1 node" })).toBeTruthy();
  });

  test("offers a viewer neither a new name nor undo", () => {
    show(island, [], { role: "viewer" });
    expect(screen.queryByRole("button", { name: "Lighthouse teaser" })).toBeNull();
    expect(screen.queryByRole("button", { name: /undo/i })).toBeNull();
    expect(screen.getByRole("heading", { level: 1, name: "Lighthouse teaser" })).toBeTruthy();
  });
});

describe("the state of saving in words", () => {
  test("counts what is kept while there is no network", () => {
    const problem = new Problem("unreachable", "The server cannot be reached.");
    expect(savingWords({ kind: "offline", edits: 3, problem })).toBe("Offline – 3 edits are kept on this device");
    expect(savingWords({ kind: "offline", edits: 1, problem })).toBe("Offline – 1 edit is kept on this device");
  });

  test("does not call offline what the server answered", () => {
    const problem = new Problem("too_many_requests", "Too many requests.", "", 429);
    expect(savingWords({ kind: "offline", edits: 2, problem })).toBe("Not saved – 2 edits are kept on this device");
  });
});

describe("the rail", () => {
  const rail = (context: TestContext) => <ToolRail context={context} />;

  test("has no button for what this page does not have", () => {
    show(rail);
    expect(screen.queryByRole("button", { name: "Gallery" })).toBeNull();
    expect(screen.getByRole("button", { name: "Outline" })).toBeTruthy();
  });

  test("shows a viewer what can be looked at", () => {
    show(rail, [], { role: "viewer" });
    const names = screen.getAllByRole("button").map((button) => button.getAttribute("aria-label"));
    expect(names).toEqual(["Select tool", "Hand tool", "Outline", "Search", "Keyboard shortcuts"]);
  });

  test("opens and closes a panel, and says which is open", () => {
    const context = show(rail);
    fireEvent.click(screen.getByRole("button", { name: "Outline" }));
    expect(context.canvas.state.getState().panel).toEqual({ kind: "outline" });
    expect(screen.getByRole("button", { name: "Outline" }).getAttribute("aria-pressed")).toBe("true");
    fireEvent.click(screen.getByRole("button", { name: "Outline" }));
    expect(context.canvas.state.getState().panel).toEqual({ kind: "none" });
  });
});

describe("an empty canvas", () => {
  test("makes a described shot into a prompt and a video, and is gone", async () => {
    const context = show((context) => <EmptyCanvas context={context} />);
    await userEvent.type(screen.getByRole("textbox", { name: "Describe a shot" }), "A lighthouse");
    await userEvent.click(screen.getByRole("button", { name: "Make nodes" }));
    expect([...context.document.graph.getState().nodes.values()].map(({ type }) => type)).toEqual(["prompt", "video"]);
    expect(context.document.graph.getState().connections.size).toBe(1);
    expect(screen.queryByRole("textbox")).toBeNull();
  });

  test("tells a viewer to wait", () => {
    show((context) => <EmptyCanvas context={context} />, [], { role: "viewer" });
    expect(screen.getByRole("heading", { name: "Nothing on this canvas yet" })).toBeTruthy();
    expect(screen.queryByRole("textbox")).toBeNull();
  });
});

describe("files over the canvas", () => {
  function showDrop(isEnabled: boolean) {
    const dropped: [names: string[], at: { x: number; y: number }][] = [];
    render(
      <FileDrop
        isEnabled={isEnabled}
        toCanvas={({ clientX, clientY }) => ({ x: clientX * 2, y: clientY * 2 })}
        onFiles={(files, at) => dropped.push([files.map(({ name }) => name), at])}
      >
        <p>Canvas</p>
      </FileDrop>,
    );
    return dropped;
  }
  const file = new File(["x"], "mara.jpg", { type: "image/jpeg" });
  const dataTransfer = { types: ["Files"], items: [{ kind: "file", type: "image/jpeg" }], files: [file] };

  test("are announced, and dropped at the point of the canvas", () => {
    const dropped = showDrop(true);
    fireEvent.dragOver(screen.getByText("Canvas"), { dataTransfer });
    expect(screen.getByRole("status").textContent).toBe("Drop to add the picture here");
    const event = new MouseEvent("drop", { bubbles: true, cancelable: true, clientX: 40, clientY: 30 });
    Object.assign(event, { dataTransfer });
    fireEvent(screen.getByText("Canvas"), event);
    expect(dropped).toEqual([[["mara.jpg"], { x: 80, y: 60 }]]);
    expect(screen.queryByRole("status")).toBeNull();
  });

  test("of a viewer are not taken, and do not replace the page", () => {
    const dropped = showDrop(false);
    expect(fireEvent.drop(screen.getByText("Canvas"), { dataTransfer })).toBe(false);
    expect(dropped).toEqual([]);
  });

  test("that are no pictures are refused in words before they are dropped", () => {
    expect(dropWords(["application/pdf"], true)).toEqual({
      words: "Only pictures can be dropped here: JPEG, PNG, WebP or HEIC",
      isTaken: false,
    });
    expect(dropWords(["image/png", "image/webp"], true).words).toBe("Drop to add 2 pictures");
  });
});

test("imported nodes make way for what was there, and keep their order", () => {
  const graph = aGraph([nodeAt("old", 0, 0), nodeAt("new", 0, 0), nodeAt("newer", 400, 0)]);
  const places = placesWithRoom(graph, new Set(["new", "newer"]));
  expect(places.get("new")).not.toEqual({ x: 0, y: 0 });
  expect((places.get("newer")?.x ?? 0) - (places.get("new")?.x ?? 0)).toBe(400);
});
