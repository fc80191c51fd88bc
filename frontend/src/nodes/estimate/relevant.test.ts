/** Which edits ask for a new price. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Edit } from "@/live/operations";
import { aDocument, aNode, aProject, aStatus } from "@/live/test-builders";
import { estimateRevision } from "@/nodes/estimate/revision";

const opened = () =>
  aDocument(aProject([aNode({ id: "hero", config: { duration_seconds: 8 } }), aNode({ id: "words", type: "prompt" })]));

async function countAfter(edits: Edit[]): Promise<number> {
  const project = opened();
  const store = estimateRevision(project);
  project.start();
  project.edit("an edit", edits);
  await vi.advanceTimersByTimeAsync(1_000);
  return store.getState().revision;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the price is asked for again", () => {
  test("after a change of settings", async () => {
    expect(await countAfter([{ op: "update_node", node_id: "hero", config: { duration_seconds: 4 } }])).toBe(1);
  });

  test("after a new wire", async () => {
    const wire = { source_node_id: "words", source_port: "prompt", target_node_id: "hero", target_port: "prompt" };
    expect(await countAfter([{ op: "connect", connection_id: "w", ...wire }])).toBe(1);
  });

  test("after a node was deleted", async () => {
    expect(await countAfter([{ op: "delete_node", node_id: "words" }])).toBe(1);
  });

  test("once after many letters", async () => {
    const project = opened();
    const store = estimateRevision(project);
    project.start();
    for (const text of ["a", "a ", "a l"]) {
      project.edit("type", [{ op: "update_node", node_id: "words", config: { text } }], { mergeKey: "words" });
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(store.getState()).toEqual({ revision: 0, isBehind: true });

    await vi.advanceTimersByTimeAsync(1_000);

    expect(store.getState()).toEqual({ revision: 1, isBehind: false });
  });

  test("when a node has come to rest", async () => {
    const project = opened();
    const store = estimateRevision(project);
    project.start();

    project.applyStatus(aStatus({ node_id: "hero", state: "succeeded", selected_take_id: "take", version: 5 }));
    await vi.advanceTimersByTimeAsync(1_000);

    expect(store.getState().revision).toBe(1);
  });
});

describe("the price stays", () => {
  test("after a move or another name", async () => {
    expect(
      await countAfter([
        { op: "update_node", node_id: "hero", position: { x: 9, y: 9 } },
        { op: "update_node", node_id: "hero", title: "Storm" },
        { op: "update_node", node_id: "hero", config: { duration_seconds: 8 } },
      ]),
    ).toBe(0);
  });

  test("unasked while the server does not have the edits", async () => {
    const project = opened(); // not started: it sends nothing
    const store = estimateRevision(project);

    project.edit("shorten", [{ op: "update_node", node_id: "hero", config: { duration_seconds: 4 } }]);
    await vi.advanceTimersByTimeAsync(1_000);

    expect(store.getState()).toEqual({ revision: 0, isBehind: true });
  });
});
