/** What an open project makes of the log and of live documents. */

import { expect, test } from "vitest";
import { readingOrder, wiresInto } from "@/live/graph";
import { aDocument, aNode, aProject, aStatus } from "@/live/test-builders";

const wire = {
  id: "w",
  source_node_id: "prompt",
  source_port: "prompt",
  target_node_id: "node",
  target_port: "prompt",
};

function anOpenProject() {
  const nodes = [aNode({ id: "prompt", type: "prompt", title: "Words", position: { x: -400, y: 0 } }), aNode()];
  return aDocument(aProject(nodes, { connections: [wire] }));
}

test("the newer version of a state wins, whichever way it came", () => {
  const project = anOpenProject();

  project.applyStatus(aStatus({ version: 3, state: "succeeded", status: {} }));
  project.applyEvents([{ rev: 11, operationId: null, type: "node.status", payload: aStatus({ version: 2 }) }]);
  expect(project.statuses.get("node").status.state).toBe("succeeded");

  project.applyEvents([
    { rev: 12, operationId: null, type: "node.status", payload: aStatus({ version: 4, state: "queued", status: {} }) },
  ]);
  project.applyStatus(aStatus({ version: 3 }));
  expect(project.statuses.get("node").status.state).toBe("queued");
});

test("an edit that the log tells after a newer live document still counts", () => {
  const project = anOpenProject();

  project.applyStatus(aStatus({ version: 5 }));
  project.applyEvents([
    { rev: 11, operationId: null, type: "node.updated", payload: { node_id: "node", title: "Renamed", version: 4 } },
  ]);

  expect(project.graph.getState().nodes.get("node")?.title).toBe("Renamed");
  expect(project.statuses.get("node").status.state).toBe("running");
});

test("settings are changed field by field", () => {
  const project = aDocument(aProject([aNode({ config: { seed: 7, resolution: "720p" } })]));

  project.applyEvents([
    {
      rev: 11,
      operationId: null,
      type: "node.updated",
      payload: { node_id: "node", config: { resolution: "1080p" }, version: 2 },
    },
  ]);

  expect(project.graph.getState().nodes.get("node")?.config).toEqual({ seed: 7, resolution: "1080p" });
});

test("a take that a person chose is shown, and stays with a state that names none", () => {
  const project = anOpenProject();

  project.applyEvents([
    {
      rev: 11,
      operationId: null,
      type: "node.updated",
      payload: { node_id: "node", selected_take_id: "second", version: 2 },
    },
    { rev: 12, operationId: null, type: "node.status", payload: aStatus({ version: 3 }) },
  ]);

  expect(project.statuses.get("node")).toMatchObject({ selectedTakeId: "second", status: { state: "running" } });
});

test("a node that was deleted and restored comes back with its wires", () => {
  const project = anOpenProject();

  project.applyEvents([{ rev: 11, operationId: null, type: "node.deleted", payload: { node_id: "prompt" } }]);
  expect(readingOrder(project.graph.getState().nodes)).toEqual(["node"]);
  expect(wiresInto(project.graph.getState(), "node")).toEqual([]);

  const restored = aNode({ id: "prompt", type: "prompt", version: 3 });
  project.applyEvents([{ rev: 12, operationId: null, type: "node.restored", payload: { node: restored } }]);
  expect(wiresInto(project.graph.getState(), "node")).toEqual([wire]);
});

test("a state leaves the graph untouched, so that nobody who shows the graph hears of it", () => {
  const project = anOpenProject();
  const before = project.graph.getState();

  project.applyEvents([
    { rev: 11, operationId: null, type: "node.status", payload: aStatus() },
    { rev: 12, operationId: null, type: "other", name: "job.queued" },
  ]);

  expect(project.graph.getState()).toBe(before);
});

test("only what an event touches becomes a new object", () => {
  const project = anOpenProject();
  const words = project.graph.getState().nodes.get("prompt");

  project.applyEvents([
    {
      rev: 11,
      operationId: null,
      type: "node.updated",
      payload: { node_id: "node", position: { x: 5, y: 5 }, version: 2 },
    },
  ]);

  expect(project.graph.getState().nodes.get("prompt")).toBe(words);
  expect(project.graph.getState().nodes.get("node")?.position).toEqual({ x: 5, y: 5 });
});
