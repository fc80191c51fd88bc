/** How the view moves. */

import { describe, expect, test } from "vitest";
import {
  edgePush,
  fitted,
  isWithin,
  MAX_ZOOM,
  MIN_ZOOM,
  shownRect,
  wheelPixels,
  wheelZoomFactor,
  zoomedAt,
} from "@/canvas/scene/view-math";

const STAGE = { width: 1440, height: 900 };
const NO_ISLANDS = { top: 0, right: 0, bottom: 0, left: 0 };

describe("zooming", () => {
  test("keeps what is under the pointer where it is", () => {
    const view = { x: 100, y: -50, zoom: 0.5 };
    const point = { x: 700, y: 300 };
    const after = zoomedAt(view, point, 1.3);

    expect((point.x - after.x) / after.zoom).toBeCloseTo((point.x - view.x) / view.zoom);
    expect((point.y - after.y) / after.zoom).toBeCloseTo((point.y - view.y) / view.zoom);
  });

  test("ends at the limits", () => {
    expect(zoomedAt({ x: 0, y: 0, zoom: 1 }, { x: 0, y: 0 }, 99).zoom).toBe(MAX_ZOOM);
    expect(zoomedAt({ x: 0, y: 0, zoom: 1 }, { x: 0, y: 0 }, 0).zoom).toBe(MIN_ZOOM);
  });

  test("by a wheel's notch is limited, and by a pinch in proportion; both are taken back by the opposite", () => {
    expect(wheelZoomFactor(120)).toBe(wheelZoomFactor(1000));
    expect(wheelZoomFactor(2)).toBeCloseTo(0.98, 2);
    expect(wheelZoomFactor(120) * wheelZoomFactor(-120)).toBeCloseTo(1);
  });
});

test("wheels that count in lines or pages move by pixels all the same", () => {
  expect(wheelPixels(3, 0, 900)).toBe(3);
  expect(wheelPixels(3, 1, 900)).toBe(48);
  expect(wheelPixels(1, 2, 900)).toBe(900);
});

describe("fitting", () => {
  test("shows everything, with some room around it", () => {
    const rect = { x: -5000, y: 200, width: 48_000, height: 36_000 };
    const view = fitted(rect, STAGE, NO_ISLANDS);
    expect(isWithin(rect, shownRect(view, STAGE), 10 / view.zoom)).toBe(true);
  });

  test("puts everything where no island covers it", () => {
    const view = fitted({ x: 0, y: 0, width: 8000, height: 2000 }, STAGE, {
      top: 72,
      right: 352,
      bottom: 72,
      left: 72,
    });
    expect(view.x).toBeGreaterThan(72);
    expect(view.x + 8000 * view.zoom).toBeLessThan(1440 - 352);
  });

  test("never enlarges", () => {
    expect(fitted({ x: 0, y: 0, width: 10, height: 10 }, STAGE, NO_ISLANDS).zoom).toBe(1);
  });

  test("leaves room on a small screen as well", () => {
    expect(
      fitted({ x: 0, y: 0, width: 4000, height: 3000 }, { width: 300, height: 200 }, NO_ISLANDS).zoom,
    ).toBeGreaterThan(MIN_ZOOM);
  });
});

test("the view is pushed only near the stage's edges, towards what lies beyond", () => {
  expect(edgePush({ x: 700, y: 400 }, STAGE)).toEqual({ x: 0, y: 0 });
  expect(edgePush({ x: 5, y: 400 }, STAGE).x).toBeGreaterThan(0);
  expect(edgePush({ x: 1439, y: 899 }, STAGE).x).toBeLessThan(0);
  expect(edgePush({ x: 1439, y: 899 }, STAGE).y).toBeLessThan(0);
});
