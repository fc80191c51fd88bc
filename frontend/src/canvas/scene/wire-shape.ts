/** The curve of a wire, the same for painting, for finding it under the pointer, and while it is pulled. Pure. */

import type { Position } from "@/live/graph";

/** A wire leaves and arrives level, however near its ends are. Canvas units. */
const SHORTEST_REACH = 40;
const SAMPLES = 24;

/** How far the curve's handles stand out from its ends. */
export function wireReach(fromX: number, toX: number): number {
  return Math.max(SHORTEST_REACH, Math.abs(toX - fromX) / 2);
}

/** The wire as an SVG path. */
export function wirePath(from: Position, to: Position): string {
  const reach = wireReach(from.x, to.x);
  return `M${from.x},${from.y} C${from.x + reach},${from.y} ${to.x - reach},${to.y} ${to.x},${to.y}`;
}

/** How far `point` is from the wire, in canvas units. */
export function distanceToWire(point: Position, fromX: number, fromY: number, toX: number, toY: number): number {
  const reach = wireReach(fromX, toX);
  let nearest = Number.POSITIVE_INFINITY;
  let beforeX = fromX;
  let beforeY = fromY;
  for (let sample = 1; sample <= SAMPLES; sample++) {
    const t = sample / SAMPLES;
    const x = cubic(t, fromX, fromX + reach, toX - reach, toX);
    const y = cubic(t, fromY, fromY, toY, toY);
    nearest = Math.min(nearest, distanceToSegment(point, beforeX, beforeY, x, y));
    beforeX = x;
    beforeY = y;
  }
  return nearest;
}

function cubic(t: number, a: number, b: number, c: number, d: number): number {
  const rest = 1 - t;
  return rest * rest * rest * a + 3 * rest * rest * t * b + 3 * rest * t * t * c + t * t * t * d;
}

function distanceToSegment({ x, y }: Position, ax: number, ay: number, bx: number, by: number): number {
  const lengthSquared = (bx - ax) ** 2 + (by - ay) ** 2;
  const along = lengthSquared === 0 ? 0 : ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / lengthSquared;
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay));
}
