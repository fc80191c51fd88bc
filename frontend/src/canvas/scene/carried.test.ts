/** What goes along when somebody drags. */

import { expect, test } from "vitest";
import { carried, lyingIn } from "@/canvas/scene/carried";
import { SceneIndex } from "@/canvas/scene/scene-index";
import { aCard, aFrame, aGraph, testDefinitions } from "@/canvas/scene/test-scene";

const index = new SceneIndex(testDefinitions);
index.update(
  aGraph([
    aFrame("outer", 0, 0, 4000, 3000),
    aFrame("inner", 2000, 1000, 1000, 1000),
    aFrame("across", 3500, 0, 1000, 500),
    aCard("in", 100, 100),
    aCard("in inner", 2100, 1200),
    aCard("mostly in", -150, 1500),
    aCard("mostly out", -250, 2000),
    aCard("elsewhere", 9000, 0),
  ]),
);

test("a card goes alone", () => {
  expect([...carried(index, ["in"])]).toEqual(["in"]);
});

test("a frame takes along what has its middle in it, and the frames that lie in it wholly", () => {
  expect(carried(index, ["outer"])).toEqual(new Set(["outer", "inner", "in", "in inner", "mostly in"]));
});

test("a frame in a frame takes its own along", () => {
  expect(carried(index, ["inner", "elsewhere"])).toEqual(new Set(["inner", "elsewhere", "in inner"]));
});

test("nothing lies in a card", () => {
  expect(lyingIn(index, "in")).toEqual([]);
});
