/** Auto-layout: what it is asked, where things come to lie, and what becomes of frames. */

import { describe, expect, test } from "vitest";
import { arrange } from "@/canvas/editing/arranging";
import { layoutRequests, layoutStep, nodesToArrange } from "@/canvas/editing/auto-layout";
import { boundsOf, contentsOf } from "@/canvas/editing/bounds";
import { LayoutRunner } from "@/canvas/editing/layout-runner";
import { aGraph, aWire, frameAt, nodeAt } from "@/canvas/editing/test-graph";
import type { Graph } from "@/live/graph";
import { applyEdits } from "@/live/operations";
import type { WireConnection, WireNode } from "@/live/wire";

function laidOut(graph: Graph, selected: readonly string[] = []): Graph {
  const ids = nodesToArrange(graph, new Set(selected));
  return applyEdits(graph, layoutStep(graph, layoutRequests(graph, ids).flatMap(arrange))?.edits ?? []);
}

function bounds(graph: Graph, id: string) {
  return boundsOf(graph.nodes.get(id) ?? nodeAt("missing", Number.NaN, Number.NaN));
}

function overlapping(graph: Graph): string[] {
  const nodes = [...graph.nodes.values()]
    .filter(({ type }) => type !== "frame")
    .map((node) => ({ id: node.id, ...boundsOf(node) }));
  return nodes.flatMap((a, index) =>
    nodes
      .slice(index + 1)
      .filter((b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height)
      .map((b) => `${a.id} and ${b.id}`),
  );
}

function heap(count: number): { nodes: WireNode[]; wires: WireConnection[] } {
  const nodes = Array.from({ length: count }, (_, index) =>
    nodeAt(`n${index}`, 0, index, { type: index % 4 === 3 ? "video" : "prompt" }),
  );
  const wires = nodes.flatMap((_, index) => (index % 4 === 3 ? [aWire(`n${index - 1}`, `n${index}`)] : []));
  return { nodes, wires };
}

test("wires run from left to right, and no node covers another", () => {
  const graph = aGraph(
    [
      nodeAt("c", 0, 0, { type: "video" }),
      nodeAt("b", 10, 10, { type: "video" }),
      nodeAt("a", 20, 20),
      nodeAt("alone", 30, 30),
    ],
    [aWire("a", "b"), aWire("b", "c", "video", "video")],
  );
  const after = laidOut(graph);
  expect(bounds(after, "a").x + bounds(after, "a").width).toBeLessThan(bounds(after, "b").x);
  expect(bounds(after, "b").x + bounds(after, "b").width).toBeLessThan(bounds(after, "c").x);
  expect(overlapping(after)).toEqual([]);
});

test("a thousand nodes in groups lie apart", () => {
  const { nodes, wires } = heap(1000);
  expect(overlapping(laidOut(aGraph(nodes, wires)))).toEqual([]);
});

test("only the selection moves, if it is more than one node; one node means all", () => {
  const graph = aGraph([nodeAt("a", 0, 0), nodeAt("b", 10, 10), nodeAt("far", 7, 2000)]);
  expect(laidOut(graph, ["a", "b"]).nodes.get("far")?.position).toEqual({ x: 7, y: 2000 });
  expect(nodesToArrange(graph, new Set(["a"]))).toEqual(new Set(["a", "b", "far"]));
});

describe("a frame", () => {
  const graph = aGraph(
    [
      frameAt("frame", 0, 0, 700, 600),
      nodeAt("a", 50, 100),
      nodeAt("b", 60, 120, { type: "video" }),
      nodeAt("free", 900, 0),
    ],
    [aWire("a", "b")],
  );
  const contents = (after: Graph) => {
    const frame = after.nodes.get("frame");
    return frame && contentsOf(after, frame).map(({ id }) => id);
  };

  test("goes around its content, and around nothing else", () => {
    const after = laidOut(graph);
    expect(contents(after)).toEqual(["a", "b"]);
    const [frame, b, free] = [bounds(after, "frame"), bounds(after, "b"), bounds(after, "free")];
    expect(frame.x + frame.width).toBeGreaterThan(b.x + b.width);
    expect(free.x >= frame.x + frame.width || free.y >= frame.y + frame.height).toBe(true);
  });

  test("grows where a part of its content is laid out", () => {
    const after = laidOut(graph, ["a", "b"]);
    expect(after.nodes.get("frame")?.position).toEqual({ x: 0, y: 0 });
    expect(contents(after)).toEqual(["a", "b"]);
  });
});

describe("a layout that runs", () => {
  const graph = aGraph([nodeAt("a", 0, 0), nodeAt("b", 10, 10)]);

  test("takes no second order, and leaves alone what was deleted meanwhile", async () => {
    let finish = () => {};
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const runner = new LayoutRunner(async (requests) => {
      await gate;
      return requests.flatMap(arrange);
    });
    let now = graph;
    const running = runner.run(() => now, new Set());
    expect(runner.state.getState()).toEqual({ kind: "working", nodes: 2 });
    expect(await runner.run(() => now, new Set())).toBeNull();

    now = applyEdits(graph, [{ op: "delete_node", node_id: "b" }]);
    finish();

    const step = await running;
    expect(JSON.stringify(step)).not.toContain('"b"');
    expect(runner.state.getState()).toEqual({ kind: "idle" });
  });

  test("and fails says so", async () => {
    const runner = new LayoutRunner(() => Promise.reject(new Error("no worker")));
    expect(await runner.run(() => graph, new Set())).toHaveProperty("advice");
    expect(runner.state.getState()).toEqual({ kind: "idle" });
  });
});
