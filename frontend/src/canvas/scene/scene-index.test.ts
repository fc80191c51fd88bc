/** The index of the scene: what is where, at any size. */

import { describe, expect, test } from "vitest";
import { SceneIndex } from "@/canvas/scene/scene-index";
import { aCard, aFrame, aGraph, aWire, testDefinitions } from "@/canvas/scene/test-scene";
import type { Graph } from "@/live/graph";

function indexOf(graph: Pick<Graph, "nodes" | "connections">): SceneIndex {
  const index = new SceneIndex(testDefinitions);
  index.update(graph);
  return index;
}

describe("nodesIn", () => {
  const index = indexOf(
    aGraph([aFrame("frame", -100, -100, 4000, 3000), aCard("a", 0, 0), aCard("b", 1000, 0), aCard("c", 9000, 9000)]),
  );

  test("finds cards that lie in the rectangle wholly or in part", () => {
    expect(index.nodesIn({ x: 390, y: 100, width: 700, height: 10 })).toEqual(["a", "b"]);
  });

  test("finds a frame only where it lies in the rectangle wholly", () => {
    expect(index.nodesIn({ x: -200, y: -200, width: 4100, height: 3200 })).toEqual(["frame", "a", "b"]);
    expect(index.nodesIn({ x: -200, y: -200, width: 4000, height: 3200 })).toEqual(["a", "b"]);
  });

  test("finds a large frame from a view that sees none of its corners", () => {
    expect(index.query({ x: 2000, y: 1500, width: 100, height: 100 })).toEqual([0]);
  });

  test("finds what lies at negative and at very large coordinates", () => {
    const far = indexOf(aGraph([aCard("west", -1_000_000, -999_999), aCard("east", 1_000_000, 999_999)]));
    expect(far.nodesIn({ x: -1_000_000, y: -1_000_000, width: 10, height: 10 })).toEqual(["west"]);
    expect(far.nodesIn({ x: -2_000_000, y: -2_000_000, width: 4_000_000, height: 4_000_000 })).toHaveLength(2);
  });
});

describe("nodeAt", () => {
  const index = indexOf(
    aGraph([aCard("below", 0, 0), aCard("above", 200, 0), aFrame("frame", -100, -100, 1000, 800), aCard("c", 2000, 0)]),
  );

  test("is the uppermost of cards that lie on one another", () => {
    expect(index.nodeAt({ x: 300, y: 50 })).toBe("above");
    expect(index.nodeAt({ x: 100, y: 50 })).toBe("below");
  });

  test("is a frame only at its title and at its border", () => {
    expect(index.nodeAt({ x: 0, y: -90 })).toBe("frame");
    expect(index.nodeAt({ x: 898, y: 500 })).toBe("frame");
    expect(index.nodeAt({ x: 800, y: 500 })).toBeNull();
  });

  test("is a card rather than the frame on whose border it lies", () => {
    const onBorder = indexOf(aGraph([aCard("card", 0, 0), aFrame("frame", 100, 0, 1000, 800)]));
    expect(onBorder.nodeAt({ x: 102, y: 100 })).toBe("card");
  });

  test("is none where nothing is", () => {
    expect(index.nodeAt({ x: 1500, y: 50 })).toBeNull();
  });
});

describe("update", () => {
  test("answers only the nodes that are another object than before", () => {
    const a = aCard("a", 0, 0);
    const index = indexOf(aGraph([a, aCard("b", 1000, 0)]));
    const version = index.version;

    expect(index.update(aGraph([a, aCard("b", 2000, 0)]))).toEqual([1]);

    expect(index.version).not.toBe(version);
    expect(index.nodesIn({ x: 1000, y: 0, width: 400, height: 300 })).toEqual([]);
    expect(index.nodesIn({ x: 2000, y: 0, width: 400, height: 300 })).toEqual(["b"]);
  });

  test("with the same graph changes nothing", () => {
    const graph = aGraph([aCard("a", 0, 0)], []);
    const index = indexOf(graph);
    const version = index.version;

    expect(index.update(graph)).toEqual([]);
    expect(index.version).toBe(version);
  });

  test("lets go of a removed node and of its wires, and takes both back when it is restored", () => {
    const a = aCard("a", 0, 0);
    const b = aCard("b", 1000, 0);
    const wires = [aWire("a", "b")];
    const index = indexOf(aGraph([a, b], wires));

    index.update(aGraph([a], wires));
    expect(index.nodeAt({ x: 1100, y: 100 })).toBeNull();
    expect(index.wires.slotOf("a-b")).toBeNull();
    expect(index.nodes.count).toBe(1);

    index.update(aGraph([a, b], wires));
    expect(index.nodeAt({ x: 1100, y: 100 })).toBe("b");
    expect(index.wireAt({ x: 700, y: 72 }, 2)).toBe("a-b");
  });
});

describe("wireAt", () => {
  const index = indexOf(aGraph([aCard("a", 0, 0), aCard("b", 3000, 2000)], [aWire("a", "b", "second")]));

  test("finds a wire at its ends and in its middle, within reach", () => {
    expect(index.wireAt({ x: 402, y: 74 }, 6)).toBe("a-b");
    expect(index.wireAt({ x: 2998, y: 2104 }, 6)).toBe("a-b");
    expect(index.wireAt({ x: 1700, y: (72 + 2106) / 2 }, 6)).toBe("a-b");
  });

  test("finds none beyond reach", () => {
    expect(index.wireAt({ x: 1700, y: 1000 }, 6)).toBeNull();
  });

  test("finds a wire in a view that shows neither of its ends", () => {
    expect(index.wires.query({ x: 1600, y: 1000, width: 200, height: 200 })).toEqual([0]);
  });

  test("follows its nodes when they move", () => {
    const moved = indexOf(aGraph([aCard("a", 0, 0), aCard("b", 1000, 0)], [aWire("a", "b")]));
    moved.lift(["b"]);
    moved.dragBy(0, 5000);

    expect(moved.wireAt({ x: 998, y: 5072 }, 6)).toBe("a-b");
  });
});

describe("a drag", () => {
  test("shows nodes elsewhere until they are let go", () => {
    const index = indexOf(aGraph([aCard("a", 0, 0), aCard("b", 1000, 0)]));
    index.lift(["a"]);
    index.dragBy(5000.4, 49.6);

    expect(index.nodeAt({ x: 5100, y: 100 })).toBe("a");
    expect(index.nodeAt({ x: 100, y: 100 })).toBeNull();
    expect(index.liftedPositions()).toEqual(new Map([["a", { x: 5000, y: 50 }]]));

    index.drop();
    expect(index.nodeAt({ x: 100, y: 100 })).toBe("a");
    expect(index.liftedPositions().size).toBe(0);
  });

  test("is not disturbed by what others do to the node meanwhile, and lands where the graph has it", () => {
    const index = indexOf(aGraph([aCard("a", 0, 0)]));
    index.lift(["a"]);
    index.dragBy(100, 0);

    index.update(aGraph([aCard("a", 7000, 7000)]));
    expect(index.liftedPositions().get("a")).toEqual({ x: 100, y: 0 });

    index.drop();
    expect(index.nodeAt({ x: 7100, y: 7100 })).toBe("a");
  });

  test("forgets a node that somebody else has deleted", () => {
    const index = indexOf(aGraph([aCard("a", 0, 0), aCard("b", 0, 1000)]));
    index.lift(["a", "b"]);
    index.update(aGraph([aCard("b", 0, 1000)]));
    index.dragBy(10, 10);

    expect([...index.liftedPositions().keys()]).toEqual(["b"]);
  });
});

describe("bounds", () => {
  const index = indexOf(aGraph([aCard("a", -50, 10), aCard("b", 1000, 500)]));

  test("hold all nodes, or those that were named", () => {
    expect(index.bounds()).toEqual({ x: -50, y: 10, width: 1450, height: 790 });
    expect(index.bounds(["b", "unknown"])).toEqual({ x: 1000, y: 500, width: 400, height: 300 });
  });

  test("of no node are none", () => {
    expect(index.bounds([])).toBeNull();
    expect(indexOf(aGraph([])).bounds()).toBeNull();
  });
});

describe("fifty thousand nodes", () => {
  const COUNT = 50_000;
  const COLUMNS = 250;
  const nodes = Array.from({ length: COUNT }, (_, at) =>
    aCard(`n${at}`, (at % COLUMNS) * 520, Math.floor(at / COLUMNS) * 372),
  );
  const wires = Array.from({ length: COUNT - 1 }, (_, at) => aWire(`n${at}`, `n${at + 1}`));
  const graph = aGraph(nodes, wires);
  const index = indexOf(graph);

  test("are all there, and a view finds its few", () => {
    expect(index.nodes.count).toBe(COUNT);
    const found = index.nodesIn({ x: 520 * 100, y: 372 * 50, width: 1440, height: 900 });
    const expected = nodes.filter(
      ({ position: { x, y } }) =>
        x <= 520 * 100 + 1440 && x + 400 >= 520 * 100 && y <= 372 * 50 + 900 && y + 300 >= 372 * 50,
    );
    expect(found).toEqual(expected.map(({ id }) => id));
    expect(found.length).toBeLessThan(20);
  });

  test("are found one by one", () => {
    for (const at of [0, 1, 24_999, COUNT - 1]) {
      const { x, y } = nodes[at]?.position ?? { x: 0, y: 0 };
      expect(index.nodeAt({ x: x + 200, y: y + 150 })).toBe(`n${at}`);
    }
  });

  test("take in the move of one without another being touched", () => {
    const moved = aCard("n777", -5000, -5000);
    expect(index.update({ ...graph, nodes: new Map(graph.nodes).set("n777", moved) })).toEqual([777]);
    expect(index.nodeAt({ x: -4900, y: -4900 })).toBe("n777");
  });
});
