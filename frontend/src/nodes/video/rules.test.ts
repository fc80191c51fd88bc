/** The pure rules of video nodes: price, what is missing, which takes are shown, and how a bad end is told. */

import { describe, expect, test } from "vitest";
import { graphOf } from "@/live/graph";
import { parseNodeStatus } from "@/live/node-status";
import { aNode, aProject } from "@/live/test-builders";
import { aTake, aWire } from "@/nodes/test-cards";
import { detailsText, guardWords, moneyWords } from "@/nodes/video/ending";
import { whatIsMissing } from "@/nodes/video/missing";
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

describe("what is missing", () => {
  const video = aNode();
  const words = aNode({ id: "p", type: "prompt", title: "Words", config: { text: "A lighthouse" } });
  const picture = aNode({ id: "i", type: "image", title: "Mara", config: { asset_id: "a" } });
  const empty = aNode({ id: "e", type: "image", title: "Empty", config: { asset_id: null } });
  const before = aNode({ id: "v", title: "Opening" });
  const missing = (...wires: [source: string, port: string][]) => {
    const connections = wires.map(([source, port]) => aWire(source, "node", port));
    return whatIsMissing(graphOf(aProject([video, words, picture, empty, before], { connections })), video);
  };

  test("is nothing where a prompt, a picture or a video is connected", () => {
    expect(missing(["p", "prompt"])).toBeNull();
    expect(missing(["i", "image"])).toBeNull();
    expect(missing(["v", "video"])).toBeNull();
    expect(missing(["i", "references"], ["p", "prompt"])).toBeNull();
  });

  test("is words where there are none, or where only references are", () => {
    expect(missing()).toMatch(/Connect a prompt/);
    expect(missing(["i", "references"])).toMatch(/Connect a prompt/);
  });

  test("is the words of a prompt that is empty, by its name", () => {
    const graph = graphOf(
      aProject([video, aNode({ ...words, config: { text: " " } })], { connections: [aWire("p", "node", "prompt")] }),
    );
    expect(whatIsMissing(graph, video)).toBe("“Words” is still empty.");
  });

  test("is nothing where the video has words of its own", () => {
    const own = aNode({ config: { prompt: "A lighthouse" } });
    expect(whatIsMissing(graphOf(aProject([own])), own)).toBeNull();
  });

  test("is a picture that was never uploaded, a first frame, or a decision", () => {
    expect(missing(["e", "image"])).toBe("“Empty” has no picture yet.");
    expect(missing(["i", "last_frame"])).toMatch(/no first frame/);
    expect(missing(["i", "image"], ["i", "references"], ["p", "prompt"])).toMatch(/exclude each other/);
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
