/** Moving, aligning and spreading nodes. */

import { describe, expect, test } from "vitest";
import { boundsOf } from "@/canvas/editing/bounds";
import type { EditStep } from "@/canvas/editing/edit-step";
import { align, distribute, nudge } from "@/canvas/editing/moving";
import { aGraph, frameAt, nodeAt } from "@/canvas/editing/test-graph";
import type { Graph } from "@/live/graph";
import { applyEdits } from "@/live/operations";

function places(graph: Graph, step: EditStep | null): Record<string, [number, number]> {
  const after = applyEdits(graph, step?.edits ?? []);
  return Object.fromEntries([...after.nodes.values()].map(({ id, position }) => [id, [position.x, position.y]]));
}

describe("a frame that moves", () => {
  const graph = aGraph([frameAt("frame", 0, 0, 800, 600), nodeAt("inside", 100, 100), nodeAt("outside", 900, 0)]);

  test("carries what lies on it", () => {
    expect(places(graph, nudge(graph, ["frame"], { x: 40, y: 4 }))).toEqual({
      frame: [40, 4],
      inside: [140, 104],
      outside: [900, 0],
    });
  });

  test("carries a node that is selected too only once", () => {
    expect(places(graph, nudge(graph, ["inside", "frame"], { x: 40, y: 0 })).inside).toEqual([140, 100]);
  });
});

describe("aligning", () => {
  const graph = aGraph([nodeAt("a", 0, 0), nodeAt("b", 100, 500, { type: "video" })]);
  const video = boundsOf({ type: "video", config: {}, position: { x: 0, y: 0 } });
  const prompt = boundsOf({ type: "prompt", config: {}, position: { x: 0, y: 0 } });

  test("left puts all left sides where the leftmost is", () => {
    expect(places(graph, align(graph, ["a", "b"], "left"))).toEqual({ a: [0, 0], b: [0, 500] });
  });

  test("bottom puts all bottoms where the lowest is", () => {
    const lowest = 500 + video.height;
    expect(places(graph, align(graph, ["a", "b"], "bottom"))).toEqual({
      a: [0, lowest - prompt.height],
      b: [100, 500],
    });
  });

  test("centre puts all middles above each other", () => {
    const { a, b } = places(graph, align(graph, ["a", "b"], "centre"));
    expect((a?.[0] ?? 0) + prompt.width / 2).toBe((b?.[0] ?? 0) + video.width / 2);
  });

  test("what is aligned already is no step", () => {
    expect(align(graph, ["a"], "left")).toBeNull();
  });
});

describe("distributing", () => {
  test("makes the gaps the same and leaves the outermost where they are", () => {
    const graph = aGraph([nodeAt("a", 0, 0), nodeAt("b", 310, 0), nodeAt("c", 1000, 0)]);
    expect(places(graph, distribute(graph, ["c", "a", "b"], "horizontal"))).toEqual({
      a: [0, 0],
      b: [500, 0],
      c: [1000, 0],
    });
  });

  test("takes three nodes or more", () => {
    const graph = aGraph([nodeAt("a", 0, 0), nodeAt("b", 310, 0)]);
    expect(distribute(graph, ["a", "b"], "horizontal")).toBeNull();
  });
});
