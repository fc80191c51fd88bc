/** The dependencies between a video node's settings: what is offered, and what a change corrects besides. */

import { describe, expect, test } from "vitest";
import {
  aspectChoices,
  durationChoices,
  mostExtensions,
  resolutionChoices,
  type WiredInputs,
  withChange,
} from "@/nodes/video/capabilities";
import { aVideoModel } from "@/nodes/video/test-builders";
import { parseVideoConfig, type VideoConfig } from "@/nodes/video/video-config";

const NO_WIRES: WiredInputs = { references: 0, hasFirstFrame: false, hasLastFrame: false, video: null };
const MOST = 20;

function settings(changes: Partial<VideoConfig> = {}): VideoConfig {
  return { ...parseVideoConfig({}), ...changes };
}

const hops = (count: number) => Array.from({ length: count }, () => ({ prompt: null }));
const change = (before: Partial<VideoConfig>, wish: Partial<VideoConfig>, wired = NO_WIRES, model = aVideoModel()) =>
  withChange(model, settings(before), wish, wired, MOST);
const obstacles = (choices: { value: unknown; obstacle?: string }[]) =>
  choices.filter(({ obstacle }) => obstacle !== undefined).map(({ value }) => value);

describe("a change", () => {
  test("that fits changes nothing else", () => {
    expect(change({}, { duration_seconds: 6 })).toEqual({ config: { duration_seconds: 6 }, notes: [] });
  });

  test("to 1080p makes a short video 8 s long, and says so", () => {
    const { config, notes } = change({ duration_seconds: 4 }, { resolution: "1080p" });

    expect(config).toEqual({ resolution: "1080p", duration_seconds: 8 });
    expect(notes).toEqual(["1080p videos are 8 s long: the duration is now 8 s."]);
  });

  test("to 4 s gives up 1080p, not the 4 s that were asked for", () => {
    const { config, notes } = change({ resolution: "1080p" }, { duration_seconds: 4 });

    expect(config).toEqual({ duration_seconds: 4, resolution: "720p" });
    expect(notes).toEqual(["1080p videos are 8 s long: the resolution is now 720p."]);
  });

  test("that adds an extension makes the video 720p", () => {
    const { config, notes } = change({ resolution: "4k" }, { extensions: hops(1) });

    expect(config).toEqual({ extensions: hops(1), resolution: "720p" });
    expect(notes).toEqual(["Extensions are 720p: the resolution is now 720p."]);
  });

  test("to a model that makes no 4k takes the best that it makes", () => {
    const lite = aVideoModel({
      id: "lite",
      name: "Lite",
      resolutions: ["720p", "1080p"],
      only_duration_seconds: { "1080p": 8 },
    });

    const { config, notes } = change({ resolution: "4k" }, { model: "lite" }, NO_WIRES, lite);

    expect(config).toEqual({ model: "lite", resolution: "1080p" });
    expect(notes).toEqual(["Lite does not make 4k videos: the resolution is now 1080p."]);
  });

  test("to a model that does not extend removes the extensions, and keeps the resolution", () => {
    const short = aVideoModel({ name: "Short", can_extend: false, max_samples: 2 });

    const { config, notes } = change({ extensions: hops(3), samples: 4 }, { model: "short" }, NO_WIRES, short);

    expect(config).toEqual({ model: "short", extensions: [], samples: 2 });
    expect(notes).toHaveLength(2);
  });

  test("of nothing mends what a new wire has made impossible", () => {
    const wired = { ...NO_WIRES, references: 2 };

    const { config } = change({ duration_seconds: 4, aspect_ratio: "9:16" }, {}, wired);

    expect(config).toEqual({ duration_seconds: 8, aspect_ratio: "16:9" });
  });

  test("leaves the duration alone where the first clip goes on from another video", () => {
    const wired = { ...NO_WIRES, video: { aspectRatio: "9:16", hops: 0 } };

    const { config } = change({ duration_seconds: 5 }, {}, wired);

    expect(config).toEqual({ aspect_ratio: "9:16" });
  });
});

describe("what is offered", () => {
  test("with references: their one duration, and no portrait", () => {
    const wired = { ...NO_WIRES, references: 1 };

    expect(obstacles(durationChoices(aVideoModel(), wired))).toEqual([4, 6]);
    expect(obstacles(aspectChoices(aVideoModel(), wired))).toEqual(["9:16"]);
    expect(obstacles(aspectChoices(aVideoModel({ references_portrait: true }), wired))).toEqual([]);
  });

  test("with extensions: 720p alone", () => {
    expect(obstacles(resolutionChoices(aVideoModel(), settings({ extensions: hops(1) }), NO_WIRES))).toEqual([
      "1080p",
      "4k",
    ]);
    expect(obstacles(resolutionChoices(aVideoModel(), settings(), NO_WIRES))).toEqual([]);
  });

  test("of extensions: 20 of one video, those it came with included", () => {
    expect(mostExtensions(aVideoModel(), NO_WIRES, MOST)).toBe(20);
    expect(mostExtensions(aVideoModel(), { ...NO_WIRES, video: { aspectRatio: "16:9", hops: 18 } }, MOST)).toBe(1);
    expect(mostExtensions(aVideoModel(), { ...NO_WIRES, video: { aspectRatio: "16:9", hops: 20 } }, MOST)).toBe(0);
    expect(mostExtensions(aVideoModel({ can_extend: false }), NO_WIRES, MOST)).toBe(0);
  });
});
