/** Adding nodes, connecting them, grouping and deleting them. */

import { describe, expect, test } from "vitest";
import { addNode, describeShot, groupIntoFrame, nextTitle, rename } from "@/canvas/editing/adding";
import { boundsOf, contentsOf } from "@/canvas/editing/bounds";
import { addAtWire, connect } from "@/canvas/editing/connecting";
import { deleteSelection } from "@/canvas/editing/deleting";
import { addPictureNodes } from "@/canvas/editing/picture-nodes";
import { connectedWith, ofSameKind } from "@/canvas/editing/selecting";
import { aGraph, aWire, countedIds, frameAt, nodeAt } from "@/canvas/editing/test-graph";
import type { Graph } from "@/live/graph";
import { applyEdits } from "@/live/operations";

const never = () => false;

function bounds(graph: Graph, id: string) {
  const node = graph.nodes.get(id);
  if (!node) {
    throw new Error(`There is no node ${id}.`);
  }
  return boundsOf(node);
}

describe("a new node", () => {
  test("lies with its middle where it was wanted", () => {
    const graph = aGraph([]);
    const made = addNode(graph, { type: "prompt", at: { x: 450, y: 400 } }, countedIds());
    const { x, y, width, height } = bounds(applyEdits(graph, made.edits), made.nodeId);
    expect([x + width / 2, y + height / 2]).toEqual([450, 400]);
  });

  test("covers no node that lies there already, nor the next", () => {
    const graph = aGraph([nodeAt("a", 0, 0), nodeAt("b", 0, 300), nodeAt("c", 400, 0)]);
    const made = addNode(graph, { type: "prompt", at: { x: 150, y: 116 } }, countedIds());
    const placed = bounds(applyEdits(graph, made.edits), made.nodeId);
    for (const id of ["a", "b", "c"]) {
      const other = bounds(graph, id);
      const isApart =
        placed.x >= other.x + other.width ||
        other.x >= placed.x + placed.width ||
        placed.y >= other.y + other.height ||
        other.y >= placed.y + placed.height;
      expect(isApart, `it covers ${id}`).toBe(true);
    }
  });

  test("may lie on a frame", () => {
    const graph = aGraph([frameAt("frame", 0, 0, 1000, 1000)]);
    const made = addNode(graph, { type: "prompt", at: { x: 500, y: 500 } }, countedIds());
    const after = applyEdits(graph, made.edits);
    const frame = after.nodes.get("frame");
    expect(frame && contentsOf(after, frame).map(({ id }) => id)).toEqual([made.nodeId]);
  });

  test("gets a name that no other has", () => {
    const graph = aGraph([nodeAt("a", 0, 0, { title: "Prompt" }), nodeAt("b", 0, 0, { title: "Prompt 7" })]);
    expect(nextTitle(graph, "Prompt")).toBe("Prompt 8");
    expect(nextTitle(graph, "Video")).toBe("Video");
  });
});

describe("a wire", () => {
  const graph = aGraph(
    [nodeAt("a", 0, 0), nodeAt("b", 0, 400), nodeAt("video", 600, 0, { type: "video" })],
    [aWire("a", "video")],
  );
  const fromB = { sourceNode: "b", sourcePort: "prompt", targetNode: "video", targetPort: "prompt" };

  test("takes the place of the old one at an input for one, in the same step", () => {
    const step = connect(graph, fromB, countedIds());
    expect(step?.edits.map(({ op }) => op)).toEqual(["disconnect", "connect"]);
    const after = applyEdits(graph, step?.edits ?? []);
    expect([...after.connections.values()].map(({ source_node_id }) => source_node_id)).toEqual(["b"]);
  });

  test("that is there already is no step", () => {
    expect(connect(graph, { ...fromB, sourceNode: "a" }, countedIds())).toBeNull();
  });

  test("joins others at an input for several", () => {
    const references = aGraph(
      [
        nodeAt("p", 0, 0, { type: "image" }),
        nodeAt("q", 0, 400, { type: "image" }),
        nodeAt("video", 600, 0, { type: "video" }),
      ],
      [aWire("p", "video", "references", "image")],
    );
    const wire = { sourceNode: "q", sourcePort: "image", targetNode: "video", targetPort: "references" };
    expect(connect(references, wire, countedIds())?.edits.map(({ op }) => op)).toEqual(["connect"]);
  });

  test("pulled out of a prompt brings a video to its right, connected, in one step", () => {
    const alone = aGraph([nodeAt("a", 0, 0)]);
    const end = { nodeId: "a", port: "prompt", side: "source" } as const;
    const step = addAtWire(alone, { type: "video", end, at: null }, "prompt", countedIds());
    const after = applyEdits(alone, step?.edits ?? []);
    expect(bounds(after, "new-1").x).toBeGreaterThan(bounds(after, "a").x + bounds(after, "a").width);
    expect([...after.connections.values()]).toMatchObject([{ source_node_id: "a", target_node_id: "new-1" }]);
  });

  test("pulled out of an input brings a node that feeds it", () => {
    const alone = aGraph([nodeAt("video", 600, 0, { type: "video" })]);
    const end = { nodeId: "video", port: "prompt", side: "target" } as const;
    const step = addAtWire(alone, { type: "prompt", end, at: { x: 500, y: 80 } }, "prompt", countedIds());
    const after = applyEdits(alone, step?.edits ?? []);
    expect([...after.connections.values()]).toMatchObject([
      { source_node_id: "new-1", target_node_id: "video", target_port: "prompt" },
    ]);
    expect(bounds(after, "new-1").x + bounds(after, "new-1").width).toBe(500);
  });
});

describe("deleting", () => {
  const graph = aGraph(
    [frameAt("frame", 0, 0, 900, 900), nodeAt("a", 10, 50), nodeAt("video", 500, 50, { type: "video" })],
    [aWire("a", "video")],
  );
  const nothing = { nodes: new Set<string>(), wires: new Set<string>() };

  test("a frame leaves what lies on it", () => {
    const step = deleteSelection(graph, { ...nothing, nodes: new Set(["frame"]) }, never);
    expect(step).toMatchObject({ label: "delete 1 node", edits: [{ op: "delete_node", node_id: "frame" }] });
  });

  test("a node does not cut its wires by themselves: they come back with it", () => {
    const step = deleteSelection(graph, { nodes: new Set(["a"]), wires: new Set(["a-video"]) }, never);
    expect(step).toMatchObject({ edits: [{ op: "delete_node", node_id: "a" }] });
  });

  test("a wire cuts it", () => {
    const step = deleteSelection(graph, { ...nothing, wires: new Set(["a-video"]) }, never);
    expect(step).toMatchObject({
      label: "delete 1 connection",
      edits: [{ op: "disconnect", connection_id: "a-video" }],
    });
  });

  test("leaves nodes at work, selected, and deletes the others", () => {
    const step = deleteSelection(graph, { ...nothing, nodes: new Set(["a", "video"]) }, (id) => id === "video");
    expect(step).toMatchObject({ edits: [{ op: "delete_node", node_id: "a" }], select: ["video"] });
  });

  test("only nodes at work says why nothing happens", () => {
    expect(deleteSelection(graph, { ...nothing, nodes: new Set(["video"]) }, () => true)).toEqual({
      message: "“video” is at work.",
      advice: "Cancel the work first; then it can be deleted.",
    });
  });
});

describe("a frame around a selection", () => {
  test("holds all of it, and nothing is moved", () => {
    const graph = aGraph([nodeAt("a", 100, 100), nodeAt("b", 700, 400, { type: "video" })]);
    const step = groupIntoFrame(graph, ["a", "b"], countedIds());
    expect(step).toMatchObject({ nodeId: "new-1" });
    const after = applyEdits(graph, step && "edits" in step ? step.edits : []);
    const frame = after.nodes.get("new-1");
    expect(frame && contentsOf(after, frame).map(({ id }) => id)).toEqual(["a", "b"]);
    expect(after.nodes.get("a")?.position).toEqual({ x: 100, y: 100 });
  });

  test("that would be larger than a frame can be is answered in words", () => {
    const graph = aGraph([nodeAt("a", 0, 0), nodeAt("b", 30_000, 0)]);
    expect(groupIntoFrame(graph, ["a", "b"], countedIds())).toHaveProperty("advice");
  });
});

test("a described shot is a prompt that is wired into a video, in one step", () => {
  const graph = aGraph([]);
  const after = applyEdits(graph, describeShot(graph, "A lighthouse", { x: 0, y: 0 }, countedIds()).edits);
  expect([...after.nodes.values()].map(({ type }) => type)).toEqual(["prompt", "video"]);
  expect(after.nodes.get("new-1")?.config).toMatchObject({ text: "A lighthouse" });
  expect([...after.connections.values()]).toMatchObject([{ source_node_id: "new-1", target_node_id: "new-2" }]);
});

test("a name of blanks, or the same name, is no step", () => {
  const graph = aGraph([nodeAt("a", 0, 0)]);
  expect(rename(graph, "a", "  ")).toBeNull();
  expect(rename(graph, "a", " a ")).toBeNull();
  expect(rename(graph, "a", " Storm ")).toMatchObject({ edits: [{ title: "Storm" }] });
});

test("all that wires join is selected, in both directions, and nothing else", () => {
  const graph = aGraph(
    [nodeAt("a", 0, 0), nodeAt("b", 0, 0, { type: "video" }), nodeAt("c", 0, 0, { type: "video" }), nodeAt("d", 0, 0)],
    [aWire("a", "b"), aWire("b", "c", "video", "video")],
  );
  expect(connectedWith(graph, ["b"]).toSorted()).toEqual(["a", "b", "c"]);
  expect(ofSameKind(graph, ["a"])).toEqual(["a", "d"]);
});

test("dropped pictures lie side by side, named after their files, in one step", () => {
  const graph = aGraph([]);
  const step = addPictureNodes(graph, ["mara_02.jpg", "sea.final.png"], { x: 0, y: 0 }, countedIds());
  const after = applyEdits(graph, step.edits);
  expect([...after.nodes.values()].map(({ type, title }) => [type, title])).toEqual([
    ["image", "mara_02"],
    ["image", "sea.final"],
  ]);
  const [first, second] = step.nodeIds.map((id) => bounds(after, id));
  expect(second?.y).toBe(first?.y);
  expect(second?.x ?? 0).toBeGreaterThanOrEqual((first?.x ?? 0) + (first?.width ?? 0));
});
