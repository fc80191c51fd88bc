/** Progress as people read it. */

import { expect, test } from "vitest";
import { clipWords, durationWords, estimate, secondsWords } from "@/nodes/progress";

test("time that went by is shown against the usual time", () => {
  expect(estimate(62, 100)).toEqual({ kind: "under_way", percent: 62, left: "about 38 s left" });
});

test("work never claims to be done before it is", () => {
  expect(estimate(99.9, 100)).toMatchObject({ percent: 99 });
  expect(estimate(100, 100)).toEqual({ kind: "overdue" });
});

test("a clock that runs behind the server's does not count below nothing", () => {
  expect(estimate(-5, 100)).toMatchObject({ percent: 0, left: "about 1 min 40 left" });
});

test.each([
  [{ hop: 0, hops: 0 }, null],
  [{ hop: 0, hops: 1 }, "first clip, then 1 extension"],
  [{ hop: 2, hops: 3 }, "extension 2 of 3"],
])("the clip of %o is %s", (progress, words) => {
  expect(clipWords(progress)).toBe(words);
});

test("durations are read at a glance", () => {
  expect([0.2, 59.4, 60, 100].map(durationWords)).toEqual(["1 s", "59 s", "1 min", "1 min 40"]);
  expect([0.84, 61].map(secondsWords)).toEqual(["0.8 s", "1 min 1"]);
});
