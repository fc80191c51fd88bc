/** What a film consists of: the order, what is left out, its size, and what it cannot be. */

import { describe, expect, test } from "vitest";
import type { Take } from "@/api/media";
import { bytesOf, clipsOf, filmObstacle, moved, secondsOf, sizeWords, sourceObstacle } from "@/canvas/exports/film";
import { anAsset, aTake } from "@/canvas/viewer/test-takes";

type AssetChanges = Parameters<typeof anAsset>[0];

function take(id: string, asset: AssetChanges = {}, changes: Parameters<typeof aTake>[2] = {}): Take {
  return { ...aTake(id, 0, changes), asset: { ...anAsset(asset), signedAt: 0 } };
}

function clip(id: string, asset: AssetChanges = {}) {
  return { take: take(id, asset), title: id };
}

/** Nodes at these places, each with a take of its own name where it has one. */
function clipsAt(places: Record<string, [x: number, y: number]>, takes: readonly Take[]) {
  const nodes = new Map(
    Object.entries(places).map(([id, [x, y]]) => [id, { id, title: id.toUpperCase(), position: { x, y } }]),
  );
  const byId = new Map(takes.map((one) => [one.id, one]));
  const chosenTake = (nodeId: string) => (byId.has(nodeId) ? nodeId : null);
  return clipsOf({ nodeIds: nodes.keys(), nodes, takes: byId, chosenTake }).map(({ title }) => title);
}

describe("the order of a film", () => {
  test("is from left to right, and from above in one column", () => {
    expect(clipsAt({ a: [900, 0], b: [0, 50], c: [0, 10] }, [take("a"), take("b"), take("c")])).toEqual([
      "C",
      "B",
      "A",
    ]);
  });

  test("leaves out nodes without a finished video", () => {
    const pending = take("b", { state: "pending" });
    expect(clipsAt({ a: [0, 0], b: [1, 0], prompt: [2, 0] }, [take("a"), pending])).toEqual(["A"]);
  });

  test("leaves out a video that a later one goes on from: it is in there", () => {
    const middle = take("middle", {}, { parent_take_id: "a" });
    const last = take("b", {}, { parent_take_id: "middle" });
    expect(clipsAt({ a: [0, 0], b: [1, 0] }, [take("a"), middle, last])).toEqual(["B"]);
  });

  test("is changed one place at a time, and not beyond its ends", () => {
    expect(moved(["a", "b", "c"], 2, 1)).toEqual(["a", "c", "b"]);
    expect(moved(["a", "b"], 0, -1)).toEqual(["a", "b"]);
    expect(moved(["a", "b"], 1, 2)).toEqual(["a", "b"]);
  });
});

describe("the size of a film", () => {
  test("is that of its clips, or what scaled pictures usually take", () => {
    const clips = [clip("a", { size_bytes: 4_000_000 }), clip("b", { size_bytes: 5_000_000 })];
    expect(secondsOf(clips)).toBe(16);
    expect(bytesOf(clips, "source")).toBe(9_000_000);
    expect(bytesOf(clips, "1080p")).toBe(16_000_000);
    expect(bytesOf(clips, "4k")).toBe(48_000_000);
  });

  test("is said as people say it", () => {
    expect([1, 9_400_000, 999_000_000, 1_340_000_000].map(sizeWords)).toEqual(["1 MB", "9 MB", "999 MB", "1.3 GB"]);
  });
});

describe("what cannot be a film", () => {
  test("clips of different sizes, unless they are brought to one", () => {
    expect(sourceObstacle([clip("a"), clip("b", { width: 720, height: 1280 })])).toContain("different sizes");
    expect(sourceObstacle([clip("a"), clip("b")])).toBeNull();
  });

  test("nothing, and more than ten minutes", () => {
    expect(filmObstacle([])).not.toBeNull();
    expect(filmObstacle([clip("a", { duration_seconds: 301 }), clip("b", { duration_seconds: 301 })])).toContain("ten");
    expect(filmObstacle([clip("a", { duration_seconds: 600 })])).toBeNull();
  });
});
