/** Two fingers. */

import { expect, test } from "vitest";
import { Pinch } from "@/canvas/scene/pinch";

const finger = (pointerId: number, clientX: number, clientY: number) => ({ pointerId, clientX, clientY });

test("one finger pinches nothing, two do", () => {
  const pinch = new Pinch();
  expect(pinch.down(finger(1, 0, 0))).toBe(false);
  expect(pinch.move(finger(1, 10, 0))).toBeNull();
  expect(pinch.down(finger(2, 100, 0))).toBe(true);
});

test("fingers that part zoom around their middle, and carry it along", () => {
  const pinch = new Pinch();
  pinch.down(finger(1, 0, 0));
  pinch.down(finger(2, 100, 0));

  expect(pinch.move(finger(2, 200, 0))).toEqual({ dx: 50, dy: 0, factor: 2, middle: { clientX: 100, clientY: 0 } });
});

test("what is left of two fingers pinches no more", () => {
  const pinch = new Pinch();
  pinch.down(finger(1, 0, 0));
  pinch.down(finger(2, 100, 0));
  pinch.up({ pointerId: 1 });

  expect(pinch.move(finger(2, 300, 0))).toBeNull();
});
