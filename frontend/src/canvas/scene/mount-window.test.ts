/** Which nodes have DOM. */

import { describe, expect, test } from "vitest";
import { MountWindow, windowOf } from "@/canvas/scene/mount-window";
import { SceneIndex } from "@/canvas/scene/scene-index";
import { aCard, aGraph, testDefinitions } from "@/canvas/scene/test-scene";

function aWindow() {
  const shown: (readonly string[])[] = [];
  let frames: (() => void)[] = [];
  const window = new MountWindow({
    onChange: (nodeIds) => shown.push(nodeIds),
    nextFrame(step) {
      frames.push(step);
      return () => {
        frames = frames.filter((other) => other !== step);
      };
    },
  });
  const frame = () => {
    const steps = frames;
    frames = [];
    for (const step of steps) {
      step();
    }
  };
  return { window, shown, frame };
}

const twenty = Array.from({ length: 20 }, (_, index) => `n${index}`);

describe("the window of nodes with DOM", () => {
  test("grows by eight in each frame, the first of them first", () => {
    const { window, shown, frame } = aWindow();
    window.show(twenty);
    frame();
    frame();
    frame();

    expect(shown.map(({ length }) => length)).toEqual([8, 16, 20]);
    expect(shown[0]).toEqual(twenty.slice(0, 8));
  });

  test("stops growing when a gesture begins", () => {
    const { window, shown, frame } = aWindow();
    window.show(twenty);
    window.pause();
    frame();

    expect(shown).toHaveLength(1);
  });

  test("keeps what is still wanted in its order, and lets the rest go at once", () => {
    const { window, shown } = aWindow();
    window.show(["a", "b", "c"]);
    window.show(["d", "c", "a"]);

    expect(shown.at(-1)).toEqual(["a", "c", "d"]);
  });

  test("says nothing where nothing changes", () => {
    const { window, shown } = aWindow();
    window.show(["a", "b"]);
    window.show(["b", "a"]);

    expect(shown).toHaveLength(1);
  });
});

describe("what is wanted", () => {
  const index = new SceneIndex(testDefinitions);
  index.update(aGraph([aCard("left", 0, 0), aCard("middle", 1000, 0), aCard("far", 9000, 0), aCard("right", 2000, 0)]));
  const rect = { x: 0, y: 0, width: 2400, height: 300 };

  test("are the nodes in the view, the nearest to its middle first", () => {
    expect(windowOf(index, rect, [])).toEqual(["middle", "left", "right"]);
  });

  test("and before them those that are in use, wherever they are, as long as they exist", () => {
    expect(windowOf(index, rect, ["far", "gone"])).toEqual(["far", "middle", "left", "right"]);
  });

  test("are never so many that gestures would suffer", () => {
    const crowd = new SceneIndex(testDefinitions);
    crowd.update(aGraph(Array.from({ length: 500 }, (_, at) => aCard(`n${at}`, at, 0))));
    expect(windowOf(crowd, rect, []).length).toBeLessThan(100);
  });
});
