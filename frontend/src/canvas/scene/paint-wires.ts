/** Wires, in as few strokes as there are kinds of them in view. */

import { type Brush, DETAIL } from "@/canvas/scene/brush";
import type { Token } from "@/canvas/scene/palette";
import { type WireLook, wireLook } from "@/canvas/scene/state-look";
import { wireReach } from "@/canvas/scene/wire-shape";

interface Stroke {
  width: number;
  strength: number;
  dash: readonly number[];
  /** In place of the colour of what flows. */
  token: Token | null;
}

/** reference: the table of states in the visual specification; lengths in canvas units. */
const STROKES: Record<WireLook, Stroke> = {
  solid: { width: 2, strength: 0.75, dash: [], token: null },
  waiting: { width: 2, strength: 0.35, dash: [3, 7], token: null },
  running: { width: 2.4, strength: 0.9, dash: [], token: null },
  failed: { width: 2, strength: 0.75, dash: [], token: "err" },
  stopped: { width: 2, strength: 0.75, dash: [6, 6], token: "warn" },
  faint: { width: 2, strength: 0.35, dash: [], token: null },
};
const GLOW_WIDTH = 9;
/** A wire is never thinner than this, in CSS pixels. */
const THINNEST_PIXELS = 0.7;
const NO_DASH: number[] = [];

export function paintWires(brush: Brush, slots: readonly number[]): void {
  for (const [look, byColour] of groups(brush, slots)) {
    const stroke = STROKES[look];
    for (const [token, wires] of byColour) {
      if (look === "running" && brush.detail >= DETAIL.shapes) {
        strokeWires(brush, wires, GLOW_WIDTH, brush.palette.faint(token, 0.22), NO_DASH);
      }
      strokeWires(brush, wires, stroke.width, brush.palette.faint(token, stroke.strength), stroke.dash);
    }
  }
}

/** Over the wires as they are: those that are selected. */
export function paintSelectedWires(brush: Brush, slots: ReadonlySet<number>): void {
  if (slots.size > 0) {
    strokeWires(brush, [...slots], 8, brush.palette.faint("primary", 0.12), NO_DASH);
    strokeWires(brush, [...slots], 2.6, brush.palette.colour.primary, NO_DASH);
  }
}

function groups(brush: Brush, slots: readonly number[]) {
  const { wires } = brush.index;
  const found = new Map<WireLook, Map<Token, number[]>>();
  for (const slot of slots) {
    const look = wireLook(brush.faces.stateOf(wires.target[slot] ?? 0));
    const token = STROKES[look].token ?? brush.palette.flow(wires.type[slot] ?? null);
    const byColour = found.get(look) ?? new Map<Token, number[]>();
    found.set(look, byColour);
    const list = byColour.get(token);
    if (list) {
      list.push(slot);
    } else {
      byColour.set(token, [slot]);
    }
  }
  return found;
}

function strokeWires(
  brush: Brush,
  slots: Iterable<number>,
  width: number,
  colour: string,
  dash: readonly number[],
): void {
  const { context, zoom, detail } = brush;
  context.beginPath();
  for (const slot of slots) {
    traceWire(brush, slot);
  }
  context.lineWidth = Math.max(width, THINNEST_PIXELS / zoom);
  context.strokeStyle = colour;
  context.setLineDash(detail < DETAIL.shapes ? NO_DASH : [...dash]);
  context.stroke();
  context.setLineDash(NO_DASH);
}

/** Add a wire to the current path: a curve, or where that cannot be seen a line. */
export function traceWire(
  { context, index: { wires }, detail }: Pick<Brush, "context" | "index" | "detail">,
  slot: number,
): void {
  const fromX = wires.fromX[slot] ?? 0;
  const fromY = wires.fromY[slot] ?? 0;
  const toX = wires.toX[slot] ?? 0;
  const toY = wires.toY[slot] ?? 0;
  context.moveTo(fromX, fromY);
  if (detail < DETAIL.shapes) {
    context.lineTo(toX, toY);
    return;
  }
  const reach = wireReach(fromX, toX);
  context.bezierCurveTo(fromX + reach, fromY, toX - reach, toY, toX, toY);
}
