/** The strip of a chain: its clips, what exists of them, and what they cost. */

import { expect, test } from "vitest";
import type { EstimateStep } from "@/api/runs";
import { parseNodeStatus } from "@/live/node-status";
import { stripOf, stripSeconds } from "@/nodes/video/settings/strip";

const IDLE = parseNodeStatus("idle", {});

function aStep(hop: number, changes: Partial<EstimateStep> = {}): EstimateStep {
  return {
    node_id: "hero",
    hop,
    kind: "extend",
    model: "veo",
    work: "new",
    cost_microusd: 2_800_000,
    expected_seconds: 90,
    ...changes,
  };
}

const config = (extensions: number) => ({
  duration_seconds: 6,
  extensions: Array.from({ length: extensions }, () => ({ prompt: null })),
});

test("a video of two extensions is a clip of its duration and two of 7 s", () => {
  const clips = stripOf({ nodeId: "hero", config: config(2), wired: { video: null }, steps: null, status: IDLE });

  expect(clips.map(({ seconds }) => seconds)).toEqual([6, 7, 7]);
  expect(stripSeconds(clips)).toBe(20);
  expect(clips.every(({ state, costMicrousd }) => state === "unknown" && costMicrousd === null)).toBe(true);
});

test("a node that goes on from another video consists of clips of 7 s alone", () => {
  const wired = { video: { aspectRatio: "16:9", hops: 0 } };

  const clips = stripOf({ nodeId: "hero", config: config(1), wired, steps: null, status: IDLE });

  expect(clips.map(({ seconds }) => seconds)).toEqual([7, 7]);
});

test("what exists is free, what is new has its price, and other nodes of the plan do not count", () => {
  const steps = [
    aStep(0, { work: "exists", cost_microusd: 0 }),
    aStep(1),
    aStep(1, { node_id: "other", work: "exists" }),
  ];

  const clips = stripOf({ nodeId: "hero", config: config(1), wired: { video: null }, steps, status: IDLE });

  expect(clips.map(({ state, costMicrousd }) => [state, costMicrousd])).toEqual([
    ["exists", 0],
    ["new", 2_800_000],
  ]);
});

test("the clip that is rendered now says so, the ones behind it are under way", () => {
  const steps = [aStep(0, { work: "exists" }), aStep(1, { work: "under_way" }), aStep(2, { work: "under_way" })];
  const status = parseNodeStatus("running", { stage: "rendering", hop: 1, hops: 2 });

  const clips = stripOf({ nodeId: "hero", config: config(2), wired: { video: null }, steps, status });

  expect(clips.map(({ state }) => state)).toEqual(["exists", "running", "under_way"]);
});
