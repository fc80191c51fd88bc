/** What the wire says of a node, in the cases that people see. */

import { expect, test } from "vitest";
import { needsAttention, parseNodeStatus } from "@/live/node-status";

test("a running node says its stage, its clip and since when", () => {
  const status = parseNodeStatus("running", {
    job_id: "j",
    hop: 1,
    hops: 3,
    stage: "rendering",
    started_at: "2026-11-22T10:00:00.5+00:00",
    expected_seconds: 90,
  });

  expect(status).toEqual({
    state: "running",
    stage: "rendering",
    progress: { hop: 1, hops: 3 },
    startedAtMs: Date.UTC(2026, 10, 22, 10, 0, 0, 500),
    expectedSeconds: 90,
    jobId: "j",
  });
});

test("a picture under inspection has no progress to show", () => {
  expect(parseNodeStatus("running", { asset_id: "a", stage: "inspecting" })).toMatchObject({
    stage: "inspecting",
    startedAtMs: null,
    expectedSeconds: null,
  });
});

test.each(["failed", "blocked"])("a node that is %s says why and what to do, and needs a person", (state) => {
  const status = parseNodeStatus(state, {
    cause: "safety_filter",
    message: "It shows a child.",
    advice: "Change it.",
    can_retry: false,
  });

  expect(status).toMatchObject({
    state,
    reason: { message: "It shows a child.", advice: "Change it.", canRetry: false },
  });
  expect(needsAttention(status)).toBe(true);
});

test("a bad end without words still says something", () => {
  expect(parseNodeStatus("failed", {})).toMatchObject({ reason: { message: expect.stringMatching(/\w/) } });
});

test("a picture without consent is usable, with a remark", () => {
  const problem = { code: "consent_missing", message: "Nobody confirmed consent.", advice: "Upload it again." };

  expect(parseNodeStatus("succeeded", { asset_id: "a", problem })).toMatchObject({
    state: "succeeded",
    notice: { message: "Nobody confirmed consent." },
  });
});

test("a state or stage of a later release does not break the page", () => {
  expect(parseNodeStatus("paused", {})).toEqual({ state: "unknown", name: "paused" });
  expect(parseNodeStatus("running", { stage: "upscaling", hop: "one" })).toMatchObject({
    stage: "working",
    progress: { hop: 0 },
  });
});
