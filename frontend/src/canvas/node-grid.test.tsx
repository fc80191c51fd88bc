// @vitest-environment jsdom
/** The cards of a project, rendered: what they show, and how many of them a change concerns. */

import { act, cleanup, render, screen, within } from "@testing-library/react";
import { Profiler } from "react";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createStudio, StudioProvider } from "@/api/studio";
import { NodeGrid } from "@/canvas/node-grid";
import { ProjectProvider } from "@/live/project-context";
import { ProjectReplica } from "@/live/project-replica";
import { aNode, aProject, aStatus } from "@/live/test-builders";
import type { WireNode } from "@/live/wire";
import { NodeCard } from "@/nodes/node-card";

const noServer: typeof fetch = () => Promise.resolve(Response.json([]));

async function show(nodes: WireNode[], onRender = (_: string) => {}): Promise<ProjectReplica> {
  const replica = new ProjectReplica(aProject(nodes));
  const renderCard = (nodeId: string) => (
    <Profiler id={nodeId} onRender={onRender}>
      <NodeCard nodeId={nodeId} />
    </Profiler>
  );
  await act(async () => {
    render(
      <StudioProvider studio={createStudio({ baseUrl: "http://studio.test", fetch: noServer })}>
        <ProjectProvider value={replica}>
          <NodeGrid renderCard={renderCard} />
        </ProjectProvider>
      </StudioProvider>,
    );
  });
  return replica;
}

afterEach(cleanup);

describe("a change", () => {
  const rendered: string[] = [];

  beforeEach(() => {
    rendered.length = 0;
  });

  async function hundredNodes(): Promise<ProjectReplica> {
    const nodes = Array.from({ length: 100 }, (_, index) =>
      aNode({ id: `n${index}`, title: `Node ${index}`, position: { x: index, y: 0 } }),
    );
    const replica = await show(nodes, (nodeId) => rendered.push(nodeId));
    rendered.length = 0;
    return replica;
  }

  test("of one node's state renders exactly one card", async () => {
    const replica = await hundredNodes();

    act(() => replica.applyStatus(aStatus({ node_id: "n42", version: 2 })));
    act(() =>
      replica.applyEvents([
        { rev: 11, type: "node.status", payload: aStatus({ node_id: "n42", version: 3, state: "failed" }) },
      ]),
    );

    expect(rendered).toEqual(["n42", "n42"]);
    expect(screen.getByRole("article", { name: /Node 42$/ }).dataset.state).toBe("failed");
  });

  test("that is older than what is shown renders nothing", async () => {
    const replica = await hundredNodes();

    act(() => replica.applyStatus(aStatus({ node_id: "n42", version: 1 })));

    expect(rendered).toEqual([]);
  });

  test("of one node's title renders exactly one card", async () => {
    const replica = await hundredNodes();

    act(() =>
      replica.applyEvents([{ rev: 11, type: "node.updated", payload: { node_id: "n7", title: "Storm", version: 2 } }]),
    );

    expect(rendered).toEqual(["n7"]);
    expect(screen.getByRole("heading", { name: /Storm/ })).toBeTruthy();
  });
});

describe("a card", () => {
  test("of a running extension says the stage, which clip of how many, and how long it usually takes", async () => {
    const status = { stage: "rendering", hop: 2, hops: 3, started_at: new Date().toISOString(), expected_seconds: 100 };
    await show([aNode({ state: "running", status })]);

    const card = within(screen.getByRole("article", { name: /Hero shot/ }));
    expect(card.getByText("Rendering · extension 2 of 3 · usually 1 min 40")).toBeTruthy();
    expect(card.getByText("0%")).toBeTruthy();
  });

  test.each(["failed", "blocked"])("of a node that is %s says why and what to do, once", async (state) => {
    await show([aNode({ state, status: { message: "The provider failed.", advice: "Run it again." } })]);

    expect(screen.getAllByText("The provider failed.")).toHaveLength(1);
    expect(screen.getByText("Run it again.")).toBeTruthy();
  });

  test("of a kind that a later release brought asks for a reload instead of breaking the page", async () => {
    await show([aNode({ type: "audio", title: "Narration" })]);

    expect(within(screen.getByRole("article", { name: /Narration/ })).getByText(/newer than this page/)).toBeTruthy();
  });

  test("of an enhanced prompt shows the words that go to the model", async () => {
    const config = {
      text: "a lighthouse",
      use: "enhanced",
      enhanced: { enhanced_prompt: "A lone lighthouse at dusk." },
    };
    await show([aNode({ type: "prompt", title: "Words", config })]);

    expect(screen.getByText("A lone lighthouse at dusk.")).toBeTruthy();
    expect(screen.queryByText("a lighthouse")).toBeNull();
  });
});

test("nodes that are added while the page is open appear in reading order", async () => {
  const replica = await show([aNode({ id: "b", title: "Second", position: { x: 100, y: 0 } })]);

  act(() =>
    replica.applyEvents([{ rev: 11, type: "node.created", payload: { node: aNode({ id: "a", title: "First" }) } }]),
  );

  expect(screen.getAllByRole("heading").map((heading) => heading.textContent)).toEqual([
    "Video: First",
    "Video: Second",
  ]);
});
