/** The pure rules of video nodes: price, which takes are shown, and how a bad end is told. */

import { describe, expect, test } from "vitest";
import { parseNodeStatus } from "@/live/node-status";
import { aTake } from "@/nodes/test-cards";
import { detailsText, guardWords, moneyWords } from "@/nodes/video/ending";
import { priceOf } from "@/nodes/video/price";
import { shownVersions, versionsOf } from "@/nodes/video/takes";
import { parseVideoConfig } from "@/nodes/video/video-config";

describe("the price", () => {
  const model = { price_microusd_per_second: { "720p": 400_000 } };
  const price = (config: Record<string, unknown>, extendsAnother = false) =>
    priceOf(parseVideoConfig(config), model, { extendsAnother });

  test("counts seconds, samples, and seven seconds for each extension", () => {
    expect(price({ duration_seconds: 8 })).toBe(3_200_000);
    expect(price({ duration_seconds: 8, samples: 2 })).toBe(6_400_000);
    expect(price({ duration_seconds: 8, extensions: [{}, {}] })).toBe(3_200_000 + 2 * 2_800_000);
  });

  test("of a video that goes on with another one is that of its extensions alone", () => {
    expect(price({ duration_seconds: 8, samples: 4, extensions: [{}] }, true)).toBe(2 * 2_800_000);
  });

  test("is not told where the model has none", () => {
    expect(price({ resolution: "4k" })).toBeNull();
  });
});

describe("the takes shown", () => {
  const at = (day: number) => `2026-01-0${day}T00:00:00Z`;

  test("are whole videos, newest first, not the clips on the way to a longer one", () => {
    const takes = [
      aTake({ id: "clip", created_at: at(1) }),
      aTake({ id: "longer", created_at: at(2), parent_take_id: "clip", hop: 1 }),
      aTake({ id: "newest", created_at: at(3) }),
    ];
    expect(versionsOf(takes, "newest").map(({ id }) => id)).toEqual(["newest", "longer"]);
    expect(versionsOf(takes, "clip").map(({ id }) => id)).toEqual(["newest", "longer", "clip"]);
  });

  test("are as many as there is room for, the chosen one among them", () => {
    const takes = [1, 2, 3, 4, 5, 6].map((day) => aTake({ id: `t${day}`, created_at: at(day) }));
    const { shown, more } = shownVersions(versionsOf(takes, "t1"), "t1", 4);
    expect(shown.map(({ id }) => id)).toEqual(["t6", "t5", "t4", "t1"]);
    expect(more).toBe(2);
  });
});

describe("a bad end", () => {
  function ended(state: "failed" | "blocked", status: Record<string, unknown>) {
    const parsed = parseNodeStatus(state, status);
    if (parsed.state !== "failed" && parsed.state !== "blocked") {
      throw new Error("builds bad ends only");
    }
    return parsed;
  }
  const block = (category: string, hop = 0) => ended("blocked", { cause: "safety_filter", category, hop, hops: hop });

  test("by the filter says which one, as far as it is known", () => {
    expect(guardWords(block("celebrity"))).toBe("Stopped by the input filter");
    expect(guardWords(block("video_safety"))).toBe("Stopped by the output filter");
  });

  test("never says that nothing was generated where something was", () => {
    expect(moneyWords(block("celebrity"))).toBe("Nothing was generated and you were not charged.");
    expect(moneyWords(block("video_safety"))).toBe("You were not charged.");
    expect(moneyWords(block("celebrity", 2))).toBe("You were not charged for this extension.");
  });

  test.each([
    ["provider_error_13", "You were not charged."],
    ["rejected_400", "You were not charged."],
    ["submission_lost", null],
    ["timed_out", null],
    ["output_unreadable", null],
    ["", null],
  ])("of the cause %j says of the money: %j", (cause, words) => {
    expect(moneyWords(ended("failed", { cause }))).toBe(words);
  });

  test("is copied with its facts, and without what is not known", () => {
    const status = ended("failed", { job_id: "j", cause: "timed_out", message: "Too late." });
    expect(detailsText({ id: "n", title: "Hero" }, status)).toBe(
      "node: Hero (n)\nstate: failed\njob: j\ncause: timed_out\nmessage: Too late.",
    );
  });
});
