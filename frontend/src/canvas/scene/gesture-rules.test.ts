/** What a press on the canvas begins. */

import { describe, expect, test } from "vitest";
import { begunBy, type Press } from "@/canvas/scene/gesture-rules";

const onNode: Press = {
  hit: { kind: "node", nodeId: "n" },
  isOnControl: false,
  button: "main",
  pointer: "mouse",
  tool: "select",
  isSpaceHeld: false,
  isAdding: false,
  isSelected: false,
  canEdit: true,
};
const onNothing: Press = { ...onNode, hit: { kind: "nothing" } };
const onWire: Press = { ...onNode, hit: { kind: "wire", wireId: "w" } };

describe("with the select tool", () => {
  test("a node is selected alone and can be dragged", () => {
    expect(begunBy(onNode)).toEqual({ kind: "node", nodeId: "n", select: "only", canDrag: true });
  });

  test("a node that is selected already keeps the others selected, so that all can be dragged", () => {
    expect(begunBy({ ...onNode, isSelected: true })).toMatchObject({ select: "keep", canDrag: true });
  });

  test("shift takes a node in or out", () => {
    expect(begunBy({ ...onNode, isAdding: true, isSelected: true })).toMatchObject({ select: "toggle" });
  });

  test("who may only look selects, but does not drag", () => {
    expect(begunBy({ ...onNode, canEdit: false })).toMatchObject({ select: "only", canDrag: false });
  });

  test("a control on a node does its own work", () => {
    expect(begunBy({ ...onNode, isOnControl: true })).toMatchObject({ kind: "node", canDrag: false });
  });

  test("an empty place begins a box, a wire is taken", () => {
    expect(begunBy(onNothing)).toEqual({ kind: "box", isAdding: false });
    expect(begunBy(onWire)).toEqual({ kind: "wire", wireId: "w", isAdding: false });
  });
});

describe("the view is moved", () => {
  test.each([onNode, onNothing, onWire])(
    "by the middle button and the space bar wherever they are pressed",
    (press) => {
      expect(begunBy({ ...press, button: "middle" })).toEqual({ kind: "pan" });
      expect(begunBy({ ...press, isSpaceHeld: true })).toEqual({ kind: "pan" });
    },
  );

  test("by the hand tool, over nodes too, but not from a control", () => {
    expect(begunBy({ ...onNode, tool: "hand" })).toEqual({ kind: "pan" });
    expect(begunBy({ ...onNode, tool: "hand", isOnControl: true })).toEqual({ kind: "none" });
  });

  test("by one finger, but for a node that was chosen before", () => {
    expect(begunBy({ ...onNothing, pointer: "touch" })).toEqual({ kind: "pan" });
    expect(begunBy({ ...onNode, pointer: "touch" })).toEqual({ kind: "pan" });
    expect(begunBy({ ...onNode, pointer: "touch", isSelected: true })).toMatchObject({ kind: "node", canDrag: true });
  });
});

test("the right button begins nothing: it opens the menu", () => {
  expect(begunBy({ ...onNode, button: "other" })).toEqual({ kind: "none" });
});
