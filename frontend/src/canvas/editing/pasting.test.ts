/** Copying and pasting, between projects too. */

import { describe, expect, test } from "vitest";
import { clipboardText, copyOf, readClipboard } from "@/canvas/editing/clipboard-document";
import type { EditStep, NotDone } from "@/canvas/editing/edit-step";
import { duplicate, pasteText } from "@/canvas/editing/pasting";
import { aGraph, aWire, countedIds, frameAt, nodeAt } from "@/canvas/editing/test-graph";
import type { Graph } from "@/live/graph";
import { applyEdits } from "@/live/operations";

const graph = aGraph(
  [
    nodeAt("words", 0, 0, { title: "Words", config: { text: "a lighthouse" } }),
    nodeAt("picture", 0, 400, { type: "image", title: "Mara", config: { asset_id: "asset" } }),
    nodeAt("shot", 600, 0, { type: "video", title: "Shot", config: { seed: 7 } }),
  ],
  [aWire("words", "shot"), aWire("picture", "shot", "image", "image")],
);
const all = new Set(["words", "picture", "shot"]);
const at = { x: 5000, y: 0 };

function applied(on: Graph, step: EditStep | NotDone | null): Graph {
  if (!step || !("edits" in step)) {
    throw new Error(step?.message ?? "Nothing was done.");
  }
  return applyEdits(on, step.edits);
}

describe("what was copied", () => {
  const text = clipboardText(copyOf(graph, "project", all));

  test("is pasted into another project with new ids, its wires, and without its pictures", () => {
    const empty = aGraph([]);
    const pasted = applied(empty, pasteText(empty, text, { projectId: "another", at, makeId: countedIds() }));
    expect([...pasted.nodes.values()].map(({ id, title }) => [id, title])).toEqual([
      ["new-1", "Words"],
      ["new-2", "Mara"],
      ["new-3", "Shot"],
    ]);
    expect([...pasted.connections.values()].map((wire) => [wire.source_node_id, wire.target_port])).toEqual([
      ["new-1", "prompt"],
      ["new-2", "image"],
    ]);
    expect(pasted.nodes.get("new-2")?.config).toEqual({ asset_id: null });
    expect(pasted.nodes.get("new-3")?.config).toMatchObject({ seed: 7 });
  });

  test("keeps its pictures in the project it is from", () => {
    const pasted = applied(graph, pasteText(graph, text, { projectId: "project", at, makeId: countedIds() }));
    expect(pasted.nodes.get("new-2")?.config).toEqual({ asset_id: "asset" });
  });

  test("lies as it lay to each other", () => {
    const pasted = applied(graph, pasteText(graph, text, { projectId: "project", at, makeId: countedIds() }));
    const [words, shot] = [pasted.nodes.get("new-1")?.position, pasted.nodes.get("new-3")?.position];
    expect((shot?.x ?? 0) - (words?.x ?? 0)).toBe(600);
    expect((shot?.y ?? 0) - (words?.y ?? 0)).toBe(0);
  });

  test("twice at one place does not lie on itself", () => {
    const once = applied(graph, pasteText(graph, text, { projectId: "project", at, makeId: countedIds() }));
    const ids = countedIds();
    const twice = applied(once, pasteText(once, text, { projectId: "project", at, makeId: () => `again-${ids()}` }));
    expect(twice.nodes.get("again-new-1")?.position).not.toEqual(twice.nodes.get("new-1")?.position);
  });

  test("without one of its ends loses the wire", () => {
    expect(copyOf(graph, "project", new Set(["words"])).connections).toEqual([]);
  });
});

describe("a duplicate", () => {
  test("gets the same inputs as its original", () => {
    const made = applied(graph, duplicate(graph, new Set(["shot"]), { projectId: "project", makeId: countedIds() }));
    expect([...made.connections.values()].filter((wire) => wire.target_node_id === "new-1")).toMatchObject([
      { source_node_id: "words", target_port: "prompt" },
      { source_node_id: "picture", target_port: "image" },
    ]);
  });

  test("of a frame brings what lies on it", () => {
    const framed = aGraph([frameAt("frame", 0, 0, 800, 600), nodeAt("inside", 100, 100)]);
    const step = duplicate(framed, new Set(["frame"]), { projectId: "project", makeId: countedIds() });
    expect(applied(framed, step).nodes.size).toBe(4);
  });
});

describe("a text from elsewhere", () => {
  test("becomes a prompt", () => {
    const pasted = applied(graph, pasteText(graph, " A storm [at sea] ", { projectId: "p", at, makeId: countedIds() }));
    expect(pasted.nodes.get("new-1")).toMatchObject({ type: "prompt", config: { text: "A storm [at sea]" } });
  });

  test("that is a number is a person's word too", () => {
    expect(readClipboard("35")).toEqual({ kind: "words", text: "35" });
  });

  test.each([
    ["longer than a prompt", "a".repeat(4001), /too long for a prompt: it has 4001/],
    ["empty", "  ", /nothing to paste/],
    ["another program's data", '{"nodes": [], "meta": 1}', /not from Reelgraph/],
    ["a newer version's", '{"format": "reelgraph.clipboard", "version": 2}', /another version/],
    ["an exported workflow", '{"format": "reelgraph.workflow", "version": 2}', /exported workflow/],
    ["damaged", '{"format": "reelgraph.clipboard", "version": 1, "nodes": [{}]}', /cannot be read/],
  ])("that is %s is answered in words", (_, text, message) => {
    const answer = pasteText(graph, text, { projectId: "p", at });
    expect(answer).toEqual({ message: expect.stringMatching(message), advice: expect.stringMatching(/\w/) });
  });

  test("with a kind of node that this page does not know is answered in words", () => {
    const stranger = copyOf(aGraph([nodeAt("a", 0, 0, { type: "audio", title: "Narration" })]), "p", new Set(["a"]));
    const answer = pasteText(graph, clipboardText(stranger), { projectId: "p", at });
    expect(answer).toMatchObject({ message: "This page does not know the kind of “Narration”." });
  });
});
