/** The ring around selected nodes that have no DOM of their own. */

import { type Brush, DETAIL } from "@/canvas/scene/brush";
import { CARD_OUTLINE } from "@/nodes/geometry";

export function paintSelection(brush: Brush, slots: readonly number[]): void {
  const { context, palette, index, zoom, detail } = brush;
  if (slots.length === 0) {
    return;
  }
  if (detail < DETAIL.shapes) {
    paintFar(brush, slots);
    return;
  }
  const pixel = 1 / zoom;
  context.beginPath();
  for (const slot of slots) {
    const { x, y, width, height } = index.nodes.rectOf(slot);
    const { top, radius } = index.nodes.definition[slot]?.outline ?? CARD_OUTLINE;
    context.roundRect(x - pixel, y + top - pixel, width + 2 * pixel, height - top + 2 * pixel, radius);
  }
  context.lineWidth = Math.max(12, 6 * pixel);
  context.strokeStyle = palette.faint("primary", 0.09);
  context.stroke();
  context.lineWidth = Math.max(1.5, 1.5 * pixel);
  context.strokeStyle = palette.colour.primary;
  context.stroke();
}

/** From very far a ring is larger than its node, and there may be thousands. */
function paintFar({ context, palette, index }: Brush, slots: readonly number[]): void {
  context.fillStyle = palette.faint("primary", 0.6);
  for (const slot of slots) {
    const { x, y, width, height } = index.nodes.rectOf(slot);
    context.fillRect(x, y, width, height);
  }
}
