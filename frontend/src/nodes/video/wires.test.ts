/** What stands between a video node and its video, as far as the graph and the model tell. */

import { describe, expect, test } from "vitest";
import { graphOf } from "@/live/graph";
import { aNode, aProject } from "@/live/test-builders";
import { aWire } from "@/nodes/test-cards";
import { aVideoModel } from "@/nodes/video/test-builders";
import { whatIsMissing, wiredSources, wireProblems } from "@/nodes/video/wires";

const video = aNode();
const words = aNode({ id: "p", type: "prompt", title: "Words", config: { text: "A lighthouse" } });
const picture = aNode({ id: "i", type: "image", title: "Mara", config: { asset_id: "a" } });
const empty = aNode({ id: "e", type: "image", title: "Empty", config: { asset_id: null } });
const before = aNode({ id: "v", title: "Opening" });

type Wire = [source: string, port: string];

describe("what is missing", () => {
  const missing = (...wires: Wire[]) => {
    const connections = wires.map(([source, port]) => aWire(source, "node", port));
    return whatIsMissing(
      graphOf(aProject([video, words, picture, empty, before], { connections })),
      video,
      aVideoModel(),
    );
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
    expect(whatIsMissing(graph, video, undefined)).toBe("“Words” is still empty.");
  });

  test("is nothing where the video has words of its own", () => {
    const own = aNode({ config: { prompt: "A lighthouse" } });
    expect(whatIsMissing(graphOf(aProject([own])), own, undefined)).toBeNull();
  });

  test("is a picture that was never uploaded", () => {
    expect(missing(["e", "image"])).toBe("“Empty” has no picture yet.");
  });

  test("is a decision where the wires do not go together", () => {
    expect(missing(["i", "last_frame"])).toMatch(/no first frame/);
    expect(missing(["i", "image"], ["i", "references"], ["p", "prompt"])).toMatch(/not both/);
  });
});

describe("wires that do not go together", () => {
  const problems = (wires: Wire[], model = aVideoModel()) =>
    wireProblems(
      wiredSources(wires.map(([source, port]) => ({ wire: aWire(source, "node", port), source: picture }))),
      model,
    );

  test("are told with the mend", () => {
    const tooMany: Wire[] = Array.from({ length: 4 }, () => ["i", "references"]);

    expect(
      problems([
        ["i", "references"],
        ["i", "image"],
      ]),
    ).toEqual([expect.stringMatching(/references, or a first and last frame.*Disconnect one/)]);
    expect(problems(tooMany)).toEqual(["Veo takes 3 references at most. Disconnect some."]);
    expect(problems([["i", "last_frame"]])).toEqual([expect.stringMatching(/no first frame.*Connect a picture/)]);
  });

  test("are those that the model does not take", () => {
    const frames: Wire[] = [
      ["i", "image"],
      ["i", "last_frame"],
    ];

    expect(problems(frames)).toEqual([]);
    expect(problems(frames, aVideoModel({ can_last_frame: false }))).toEqual([
      expect.stringMatching(/takes no last frame/),
    ]);
    expect(problems([["v", "video"]], aVideoModel({ can_extend: false }))).toEqual([
      expect.stringMatching(/does not extend videos/),
    ]);
  });

  test("are none where a video is extended: its pictures go unused", () => {
    expect(
      problems([
        ["i", "references"],
        ["i", "image"],
        ["v", "video"],
      ]),
    ).toEqual([]);
  });
});
