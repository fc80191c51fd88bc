/** Wires that fit and wires that do not: the same answers as the server gives (tests/core/projects). */

import { describe, expect, test } from "vitest";
import { type Graph, graphOf } from "@/live/graph";
import { aNode, aProject } from "@/live/test-builders";
import { firstFreeInput, kindsThatFit, whyNoInputFits, whyNotConnect } from "@/nodes/connection-rules";

/** Titles are the ids: p prompts, i images, v videos. Wires as "source>target.port". */
function aGraph(...wires: string[]): Graph {
  const ids = ["p1", "p2", "i1", "i2", "i3", "i4", "v1", "v2", "v3", "frame"];
  const types: Record<string, string> = { p: "prompt", i: "image", v: "video", f: "frame" };
  const nodes = ids.map((id) => aNode({ id, title: id, type: types[id.charAt(0)] ?? "" }));
  const connections = wires.map((wire) => {
    const [source = "", target = "", port = ""] = wire.split(/[>.]/);
    return {
      id: wire,
      source_node_id: source,
      source_port: outputOf(source),
      target_node_id: target,
      target_port: port,
    };
  });
  return graphOf(aProject(nodes, { connections }));
}

function outputOf(nodeId: string): string {
  return { p: "prompt", i: "image", v: "video" }[nodeId.charAt(0)] ?? "";
}

function why(graph: Graph, wire: string): string | null {
  const [source = "", target = "", port = ""] = wire.split(/[>.]/);
  return whyNotConnect(graph, { nodeId: source, port: outputOf(source) }, { nodeId: target, port });
}

describe("a wire", () => {
  test.each(["p1>v1.prompt", "i1>v1.image", "i1>v1.last_frame", "i1>v1.references", "v1>v2.video"])(
    "%s fits",
    (wire) => {
      expect(why(aGraph(), wire)).toBeNull();
    },
  );

  test("between ports of two types is told what each gives and takes", () => {
    expect(why(aGraph(), "p1>v1.image")).toBe("“p1” gives text, but First frame of “v1” takes a picture.");
  });

  test("that is there already is told so, even where the port has no room left", () => {
    expect(why(aGraph("p1>v1.prompt"), "p1>v1.prompt")).toBe("“p1” is already connected to Prompt of “v1”.");
  });

  test("may lead from one picture to two inputs of one node", () => {
    expect(why(aGraph("i1>v1.image"), "i1>v1.last_frame")).toBeNull();
  });

  test("into an input that is taken is told how many it takes", () => {
    expect(why(aGraph("p1>v1.prompt"), "p2>v1.prompt")).toBe("Prompt of “v1” takes one connection and has it.");
    const full = aGraph("i1>v1.references", "i2>v1.references", "i3>v1.references");
    expect(why(full, "i4>v1.references")).toBe("References of “v1” takes 3 connections and has them.");
  });

  test("may take the place of the one wire of an input, and of no wire where there are several", () => {
    const taken = aGraph("p1>v1.prompt", "i1>v1.references", "i2>v1.references", "i3>v1.references");
    const replacing = (source: string, port: string, input: string) =>
      whyNotConnect(taken, { nodeId: source, port }, { nodeId: "v1", port: input }, { mayReplace: true });
    expect(replacing("p2", "prompt", "prompt")).toBeNull();
    expect(replacing("p1", "prompt", "prompt")).toMatch(/already connected/);
    expect(replacing("i4", "image", "references")).toMatch(/takes 3 connections/);
  });

  test("to the node it comes from is refused", () => {
    expect(why(aGraph(), "v1>v1.video")).toBe("“v1” cannot feed itself.");
  });

  test("that closes a circle is refused, however long the circle is", () => {
    const chain = aGraph("v1>v2.video", "v2>v3.video");
    expect(why(chain, "v3>v1.video")).toBe("“v1” already feeds “v3”; connecting back would make a circle.");
    expect(why(chain, "v1>v3.video")).toBe("Video to extend of “v3” takes one connection and has it.");
  });

  test("of a removed node takes no room: the server does not count it either", () => {
    const graph = aGraph("p1>v1.prompt");
    const without = { ...graph, nodes: new Map([...graph.nodes].filter(([id]) => id !== "p1")) };
    expect(why(without, "p2>v1.prompt")).toBeNull();
  });

  test("from or to what has no ports, or is gone, says so", () => {
    expect(whyNotConnect(aGraph(), { nodeId: "frame", port: "image" }, { nodeId: "v1", port: "image" })).toMatch(
      /gives nothing/,
    );
    expect(why(aGraph(), "v1>p1.video")).toMatch(/no such input/);
    expect(why(aGraph(), "v1>gone.video")).toMatch(/not there any more/);
  });
});

describe("a wire dropped on a node", () => {
  const picture = { nodeId: "i1", port: "image" };

  test("takes the first input that is free", () => {
    expect(firstFreeInput(aGraph(), picture, "v1")?.name).toBe("image");
    expect(firstFreeInput(aGraph("i2>v1.image"), picture, "v1")?.name).toBe("last_frame");
    expect(firstFreeInput(aGraph("i1>v1.image", "i2>v1.last_frame"), picture, "v1")?.name).toBe("references");
  });

  test("that no input takes is told why", () => {
    expect(firstFreeInput(aGraph(), picture, "p1")).toBeNull();
    expect(whyNoInputFits(aGraph(), picture, "p1")).toBe("“p1” takes no connections.");
    const taken = aGraph("p1>v1.prompt");
    expect(whyNoInputFits(taken, { nodeId: "p2", port: "prompt" }, "v1")).toMatch(/takes one connection/);
  });
});

describe("a wire dropped on empty canvas", () => {
  const names = (end: Parameters<typeof kindsThatFit>[0]) =>
    kindsThatFit(end).map(({ type, port }) => `${type}.${port.name}`);

  test("offers the kinds with an input of its type", () => {
    expect(names({ side: "output", type: "image" })).toEqual(["video.image", "video.last_frame", "video.references"]);
    expect(names({ side: "output", type: "text" })).toEqual(["video.prompt"]);
  });

  test("drawn backwards offers the kinds that give its type", () => {
    expect(names({ side: "input", type: "text" })).toEqual(["prompt.prompt"]);
    expect(names({ side: "input", type: "video" })).toEqual(["video.video"]);
  });
});
