// @vitest-environment jsdom
/** A node's card: what it shows in each state, what it does, and how many cards a change concerns. */

import { act, cleanup, fireEvent, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ProjectDocument } from "@/live/project-document";
import { aNode, aStatus } from "@/live/test-builders";
import type { NodeActions } from "@/nodes/node-actions";
import { beginRenaming } from "@/nodes/renaming";
import { aTake, aWire, showCards } from "@/nodes/test-cards";

afterEach(cleanup);

const TAKES = "GET /api/projects/project/takes";
const noActions: NodeActions = { openTakes: () => {}, run: () => {}, runFrom: () => {}, editPrompt: () => {} };

function card(name = /Hero shot/) {
  return within(screen.getByRole("article", { name }));
}

describe("a change", () => {
  const rendered: string[] = [];

  beforeEach(() => {
    rendered.length = 0;
  });

  async function hundredNodes(): Promise<ProjectDocument> {
    const nodes = Array.from({ length: 100 }, (_, index) =>
      aNode({ id: `n${index}`, title: `Node ${index}`, position: { x: index, y: 0 } }),
    );
    const { document } = await showCards(nodes, { onRender: (nodeId) => rendered.push(nodeId) });
    rendered.length = 0;
    return document;
  }

  test("of one node's state renders exactly one card", async () => {
    const document = await hundredNodes();

    act(() => document.applyStatus(aStatus({ node_id: "n42", version: 2 })));
    const payload = aStatus({ node_id: "n42", version: 3, state: "failed" });
    act(() => document.applyEvents([{ rev: 11, operationId: null, type: "node.status", payload }]));

    expect(rendered).toEqual(["n42", "n42"]);
    expect(screen.getByRole("article", { name: /Node 42$/ }).dataset.state).toBe("failed");
  });

  test("that is older than what is shown renders nothing", async () => {
    const document = await hundredNodes();

    act(() => document.applyStatus(aStatus({ node_id: "n42", version: 1 })));

    expect(rendered).toEqual([]);
  });

  test("of one node's title renders exactly one card", async () => {
    const document = await hundredNodes();

    const payload = { node_id: "n7", title: "Storm", version: 2 };
    act(() => document.applyEvents([{ rev: 11, operationId: null, type: "node.updated", payload }]));

    expect(rendered).toEqual(["n7"]);
    expect(screen.getByRole("heading", { name: /Storm/ })).toBeTruthy();
  });
});

describe("a card", () => {
  test("is exactly as large as its kind says, whatever its state", async () => {
    const message = "The provider failed. ".repeat(40);
    await showCards([aNode({ state: "failed", status: { message } })]);

    const { style } = screen.getByRole("article", { name: /Hero shot/ });
    expect([style.width, style.height]).toEqual(["400px", "296px"]);
  });

  test("of a kind that a later release brought asks for a reload instead of breaking the page", async () => {
    await showCards([aNode({ type: "audio", title: "Narration" })]);

    expect(card(/Narration/).getByText(/newer than this page/)).toBeTruthy();
  });

  test("is renamed by a double click on its name", async () => {
    const { document } = await showCards([aNode()]);

    fireEvent.doubleClick(screen.getByRole("heading", { name: /Hero shot/ }));
    const field = screen.getByRole("textbox", { name: "Name of the node" });
    fireEvent.change(field, { target: { value: "  Storm " } });
    fireEvent.keyDown(field, { key: "Enter" });

    expect(document.graph.getState().nodes.get("node")?.title).toBe("Storm");
    expect(screen.queryByRole("textbox", { name: "Name of the node" })).toBeNull();
  });

  test("keeps its name when renaming is given up, or left empty", async () => {
    const { document } = await showCards([aNode()]);

    for (const key of ["Escape", "Enter"]) {
      act(() => beginRenaming("node"));
      const field = screen.getByRole("textbox", { name: "Name of the node" });
      fireEvent.change(field, { target: { value: key === "Enter" ? "   " : "Storm" } });
      fireEvent.keyDown(field, { key });
    }

    expect(document.graph.getState().nodes.get("node")?.title).toBe("Hero shot");
  });
});

describe("a video that was not made yet", () => {
  test("says what is missing, and offers no run", async () => {
    await showCards([aNode()], { actions: noActions });

    expect(card().getByText("Connect a prompt or a picture first.")).toBeTruthy();
    expect(card().queryByRole("button", { name: "Run" })).toBeNull();
  });

  test("runs when nothing is missing", async () => {
    const run = vi.fn();
    const nodes = [aNode(), aNode({ id: "p", type: "prompt", title: "Words", config: { text: "A lighthouse" } })];
    await showCards(nodes, { actions: { ...noActions, run }, connections: [aWire("p", "node", "prompt")] });

    fireEvent.click(card().getByRole("button", { name: "Run" }));

    expect(card().getByText("Run to create")).toBeTruthy();
    expect(run).toHaveBeenCalledWith("node");
  });
});

describe("a video at work", () => {
  test("says the stage, which clip of how many, and how long it usually takes", async () => {
    const status = { stage: "rendering", hop: 2, hops: 3, started_at: new Date().toISOString(), expected_seconds: 100 };
    await showCards([aNode({ state: "running", status })]);

    expect(card().getByText("Rendering · extension 2 of 3 · usually 1 min 40")).toBeTruthy();
    expect(card().getByText("0%")).toBeTruthy();
  });

  test("can be cancelled once, and says that it is stopping", async () => {
    const { sent } = await showCards([aNode({ state: "running", status: { job_id: "j", stage: "rendering" } })]);

    await act(async () => fireEvent.click(card().getByRole("button", { name: "Cancel" })));

    expect(sent).toMatchObject([{ line: "POST /api/jobs/j/cancel" }]);
    expect(card().getByRole("button", { name: "Stopping…" })).toHaveProperty("disabled", true);
  });

  test("that waits for another one says for which", async () => {
    const nodes = [aNode({ state: "waiting" }), aNode({ id: "v", title: "Opening" })];
    await showCards(nodes, { connections: [aWire("v", "node", "video")] });

    expect(card().getByText("Starts when “Opening” is finished")).toBeTruthy();
  });

  test("offers a viewer nothing that only editors may do", async () => {
    await showCards([aNode({ state: "running", status: { job_id: "j" } })], { role: "viewer", actions: noActions });

    expect(card().queryByRole("button")).toBeNull();
  });
});

describe("a video that ended badly", () => {
  test("says why and what to do, and is done once more under one key", async () => {
    const status = { job_id: "j", message: "The provider failed.", advice: "Run it again.", can_retry: true };
    const { sent } = await showCards([aNode({ state: "failed", status })]);

    expect(card().getAllByText("The provider failed.")).toHaveLength(1);
    expect(card().getByText("Run it again.")).toBeTruthy();
    await act(async () => fireEvent.click(card().getByRole("button", { name: "Retry" })));
    await act(async () => fireEvent.click(card().getByRole("button", { name: "Retry" })));

    expect(sent.map(({ line }) => line)).toEqual(["POST /api/jobs/j/retry", "POST /api/jobs/j/retry"]);
    expect(sent[0]?.key).toMatch(/\w/);
    expect(sent[1]?.key).toBe(sent[0]?.key);
  });

  test("offers no retry that the server would refuse", async () => {
    await showCards([aNode({ state: "failed", status: { job_id: "j", message: "No.", can_retry: false } })]);

    expect(card().queryByRole("button", { name: "Retry" })).toBeNull();
  });

  test("by a safety filter never shows what was made, and brings one to the words that were sent", async () => {
    const editPrompt = vi.fn();
    const status = {
      cause: "safety_filter",
      category: "celebrity",
      message: "A face looks known.",
      advice: "Change it.",
    };
    const nodes = [
      aNode({ state: "blocked", status, selected_take_id: "take" }),
      aNode({ id: "p", type: "prompt", title: "Words" }),
    ];
    await showCards(nodes, {
      actions: { ...noActions, editPrompt },
      connections: [aWire("p", "node", "prompt")],
      answers: { [TAKES]: [aTake()] },
    });

    fireEvent.click(card().getByRole("button", { name: "Edit prompt" }));

    expect(editPrompt).toHaveBeenCalledWith("node");
    expect(card().getByText("Stopped by the input filter")).toBeTruthy();
    expect(card().getByText("Nothing was generated and you were not charged.")).toBeTruthy();
    expect(card().queryByRole("button", { name: /Play/ })).toBeNull();
  });

  test("keeps the result that was there before, and says below what happened since", async () => {
    const status = { message: "Cancelled before anything was sent; nothing was paid.", advice: "Run it again." };
    await showCards([aNode({ state: "cancelled", status, selected_take_id: "take" })], {
      answers: { [TAKES]: [aTake()] },
    });

    expect(await card().findByRole("button", { name: "Play Hero shot" })).toBeTruthy();
    fireEvent.click(card().getByRole("button", { name: /Cancelled before anything was sent/ }));
    expect(card().getByText("Run it again.")).toBeTruthy();
  });
});

describe("a video with several takes", () => {
  const takes = [
    aTake({ id: "first", created_at: "2026-01-01T00:00:00Z" }),
    aTake({ id: "second", created_at: "2026-01-02T00:00:00Z", cost_microusd: 1_000_000 }),
  ];
  const withTakes = aNode({ state: "succeeded", status: { seconds: 61 }, selected_take_id: "first" });

  test("shows another one by a click, which is one step to undo", async () => {
    const { document } = await showCards([withTakes], { answers: { [TAKES]: takes } });

    fireEvent.click(await card().findByRole("button", { name: "Take 2 of 2" }));

    expect(document.statuses.get("node").selectedTakeId).toBe("second");
    expect(card().getByRole("button", { name: "Take 2 of 2" }).getAttribute("aria-pressed")).toBe("true");
    expect(card().getByText("$1.00")).toBeTruthy();
    act(() => document.undo());
    expect(document.statuses.get("node").selectedTakeId).toBe("first");
  });

  test("opens them large", async () => {
    const openTakes = vi.fn();
    await showCards([withTakes], { answers: { [TAKES]: takes }, actions: { ...noActions, openTakes } });

    fireEvent.click(await card().findByRole("button", { name: "Open" }));

    expect(openTakes).toHaveBeenCalledWith("node");
  });
});
