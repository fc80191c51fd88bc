/** What an open project makes of the log and of live documents. */

import { expect, test } from "vitest";
import { readingOrder, wiresInto } from "@/live/graph";
import { ProjectReplica } from "@/live/project-replica";
import { aNode, aProject, aStatus } from "@/live/test-builders";

const wire = {
  id: "w",
  source_node_id: "prompt",
  source_port: "prompt",
  target_node_id: "node",
  target_port: "prompt",
};

function aReplica() {
  const nodes = [aNode({ id: "prompt", type: "prompt", title: "Words", position: { x: -400, y: 0 } }), aNode()];
  return new ProjectReplica(aProject(nodes, { connections: [wire] }));
}

test("the newer version of a state wins, whichever way it came", () => {
  const replica = aReplica();

  replica.applyStatus(aStatus({ version: 3, state: "succeeded", status: {} }));
  replica.applyEvents([{ rev: 11, type: "node.status", payload: aStatus({ version: 2 }) }]);
  expect(replica.statuses.get("node").status.state).toBe("succeeded");

  replica.applyEvents([
    { rev: 12, type: "node.status", payload: aStatus({ version: 4, state: "queued", status: {} }) },
  ]);
  replica.applyStatus(aStatus({ version: 3 }));
  expect(replica.statuses.get("node").status.state).toBe("queued");
});

test("an edit that the log tells after a newer live document still counts", () => {
  const replica = aReplica();

  replica.applyStatus(aStatus({ version: 5 }));
  replica.applyEvents([{ rev: 11, type: "node.updated", payload: { node_id: "node", title: "Renamed", version: 4 } }]);

  expect(replica.graph.getState().nodes.get("node")?.title).toBe("Renamed");
  expect(replica.statuses.get("node").status.state).toBe("running");
});

test("settings are changed field by field", () => {
  const replica = new ProjectReplica(aProject([aNode({ config: { seed: 7, resolution: "720p" } })]));

  replica.applyEvents([
    { rev: 11, type: "node.updated", payload: { node_id: "node", config: { resolution: "1080p" }, version: 2 } },
  ]);

  expect(replica.graph.getState().nodes.get("node")?.config).toEqual({ seed: 7, resolution: "1080p" });
});

test("a take that a person chose is shown, and stays with a state that names none", () => {
  const replica = aReplica();

  replica.applyEvents([
    { rev: 11, type: "node.updated", payload: { node_id: "node", selected_take_id: "second", version: 2 } },
    { rev: 12, type: "node.status", payload: aStatus({ version: 3 }) },
  ]);

  expect(replica.statuses.get("node")).toMatchObject({ selectedTakeId: "second", status: { state: "running" } });
});

test("a node that was deleted and restored comes back with its wires", () => {
  const replica = aReplica();

  replica.applyEvents([{ rev: 11, type: "node.deleted", payload: { node_id: "prompt" } }]);
  expect(readingOrder(replica.graph.getState().nodes)).toEqual(["node"]);
  expect(wiresInto(replica.graph.getState(), "node")).toEqual([]);

  const restored = aNode({ id: "prompt", type: "prompt", version: 3 });
  replica.applyEvents([{ rev: 12, type: "node.restored", payload: { node: restored } }]);
  expect(wiresInto(replica.graph.getState(), "node")).toEqual([wire]);
});

test("a state leaves the graph untouched, so that nobody who shows the graph hears of it", () => {
  const replica = aReplica();
  const before = replica.graph.getState();

  replica.applyEvents([
    { rev: 11, type: "node.status", payload: aStatus() },
    { rev: 12, type: "other" },
  ]);

  expect(replica.graph.getState()).toBe(before);
});

test("only what an event touches becomes a new object", () => {
  const replica = aReplica();
  const words = replica.graph.getState().nodes.get("prompt");

  replica.applyEvents([
    { rev: 11, type: "node.updated", payload: { node_id: "node", position: { x: 5, y: 5 }, version: 2 } },
  ]);

  expect(replica.graph.getState().nodes.get("prompt")).toBe(words);
  expect(replica.graph.getState().nodes.get("node")?.position).toEqual({ x: 5, y: 5 });
});
