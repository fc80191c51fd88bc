/** What a person can take back: never more than is theirs, and the same after a reload. */

import { describe, expect, test, vi } from "vitest";
import { createMemoryEditStore } from "@/live/memory-edit-store";
import type { Operation } from "@/live/operations";
import { ProjectDocument } from "@/live/project-document";
import { aNode, aProject } from "@/live/test-builders";
import type { ProjectEvent } from "@/live/wire";

const WIRE = {
  op: "connect",
  connection_id: "w",
  source_node_id: "prompt",
  source_port: "prompt",
  target_node_id: "node",
  target_port: "prompt",
} as const;

/** A document, and what it sent. */
function open(options: { history?: ReturnType<ProjectDocument["saveHistory"]>; rev?: number } = {}) {
  const sent: Operation[] = [];
  const nodes = [aNode({ config: { seed: 7, samples: 1 } }), aNode({ id: "prompt", type: "prompt", title: "Words" })];
  const document = new ProjectDocument(aProject(nodes, { rev: options.rev ?? 10 }), {
    store: createMemoryEditStore(),
    history: options.history,
    send: async (operations) => {
      sent.push(...operations);
      return operations.map((_, index) => 100 + index);
    },
  });
  document.start();
  return { document, sent, node: (id = "node") => document.graph.getState().nodes.get(id) };
}

function update(rev: number, change: object, operationId: string | null = null): ProjectEvent {
  return { rev, operationId, type: "node.updated", payload: { node_id: "node", version: rev, ...change } };
}

describe("undo and redo", () => {
  test("take a gesture of several edits back in one step, and do it again", () => {
    const { document, node } = open();

    document.edit("move 2 nodes", [
      { op: "update_node", node_id: "node", position: { x: 5, y: 5 } },
      { op: "update_node", node_id: "prompt", position: { x: 9, y: 9 } },
    ]);
    expect(document.historyState.getState()).toEqual({ undo: "move 2 nodes", redo: null });

    document.undo();
    expect([node()?.position, node("prompt")?.position]).toEqual([
      { x: 0, y: 0 },
      { x: 0, y: 0 },
    ]);
    expect(document.historyState.getState()).toEqual({ undo: null, redo: "move 2 nodes" });

    document.redo();
    expect([node()?.position, node("prompt")?.position]).toEqual([
      { x: 5, y: 5 },
      { x: 9, y: 9 },
    ]);
  });

  test("bring a deleted node back with its wires, and a new one away and back", () => {
    const { document, node } = open();
    document.edit("connect", [WIRE]);

    document.edit("delete 1 node", [{ op: "delete_node", node_id: "prompt" }]);
    expect(node("prompt")).toBeUndefined();
    document.undo();
    expect(node("prompt")?.title).toBe("Words");
    expect(document.graph.getState().connections.has("w")).toBe(true);

    document.edit("add a note", [
      { op: "create_node", node_id: "new", type: "note", title: "Note", position: { x: 1, y: 1 }, config: {} },
    ]);
    document.undo();
    expect(node("new")).toBeUndefined();
    document.redo();
    expect(node("new")?.title).toBe("Note");
  });

  test("send only inverse edits, so that nothing is run again", async () => {
    const { document, sent } = open();

    document.edit("rename", [{ op: "update_node", node_id: "node", title: "Storm" }]);
    document.undo();
    await vi.waitFor(() => expect(sent).toHaveLength(2));

    expect(sent.map(({ op }) => op)).toEqual(["update_node", "update_node"]);
    expect(new Set(sent.map(({ operation_id }) => operation_id)).size).toBe(2);
  });

  test("leave a field alone that somebody else has changed since, and take the others back", async () => {
    const { document, node, sent } = open();
    document.edit("change settings", [{ op: "update_node", node_id: "node", title: "Mine", config: { seed: 8 } }]);
    await vi.waitFor(() => expect(sent).toHaveLength(1));

    document.applyEvents([update(200, { title: "Theirs" }, "another person's operation")]);
    document.undo();

    expect(node()?.title).toBe("Theirs");
    expect(node()?.config).toMatchObject({ seed: 7, samples: 1 });
  });

  test("leave a node alone that somebody else works with since it was made", () => {
    const { document, node } = open();
    document.edit("add a video", [
      { op: "create_node", node_id: "new", type: "video", title: "New", position: { x: 1, y: 1 }, config: {} },
    ]);

    const theirs = update(200, { node_id: "new", title: "Theirs" }, "another person's operation");
    document.applyEvents([theirs]);
    document.undo();

    expect(node("new")).toBeDefined();
    expect(document.historyState.getState()).toEqual({ undo: null, redo: null });
  });

  test("count key strokes in one text as one step", () => {
    const { document, node } = open();
    for (const title of ["S", "St", "Sto"]) {
      document.edit("rename", [{ op: "update_node", node_id: "node", title }], { mergeKey: "node.title" });
    }

    document.undo();

    expect(node()?.title).toBe("Hero shot");
    document.redo();
    expect(node()?.title).toBe("Sto");
  });

  test("go on after a reload, and know by then what others did meanwhile", () => {
    const before = open();
    before.document.edit("rename", [{ op: "update_node", node_id: "node", title: "Mine" }]);
    before.document.edit("move", [{ op: "update_node", node_id: "node", position: { x: 5, y: 5 } }]);
    const operationId = before.document.saveHistory().undo[1]?.operationIds[0] ?? "";
    const history = JSON.parse(JSON.stringify(before.document.saveHistory()));

    const after = open({ history, rev: 30 });
    expect(after.document.followFrom).toBe(10);
    after.document.applyEvents([
      update(20, { title: "Theirs" }, "another person's operation"),
      update(21, { position: { x: 5, y: 5 } }, operationId),
    ]);

    // Events from before the page was opened are in what it opened with.
    expect(after.node()?.title).toBe("Hero shot");
    after.document.undo();
    expect(after.node()?.position).toEqual({ x: 0, y: 0 });
    expect(after.document.historyState.getState().undo).toBe("rename");
    after.document.undo();
    expect(after.node()?.title).toBe("Hero shot");
    expect(after.document.historyState.getState().undo).toBeNull();
  });

  test("are closed to people who may only look", () => {
    const document = new ProjectDocument(aProject([aNode()], { role: "viewer" }), {
      store: createMemoryEditStore(),
      send: async () => [],
    });

    document.edit("rename", [{ op: "update_node", node_id: "node", title: "Mine" }]);

    expect(document.graph.getState().nodes.get("node")?.title).toBe("Hero shot");
  });
});
