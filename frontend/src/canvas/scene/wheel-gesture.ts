/** The wheel over the stage: pans, and zooms with the control key or as a pinch on a trackpad. */

import type { View } from "@/canvas/scene/view";
import { wheelPixels, wheelZoomFactor } from "@/canvas/scene/view-math";

/** Move the view by a wheel's event; false where something under the pointer scrolls by itself. */
export function turnWheel(view: View, event: WheelEvent): boolean {
  const isZoom = event.ctrlKey || event.metaKey;
  if (!isZoom && event.target instanceof Element && scrollsItself(event.target, event)) {
    event.stopPropagation();
    return false;
  }
  event.preventDefault();
  event.stopPropagation();
  const dx = wheelPixels(event.deltaX, event.deltaMode, view.extent.width);
  const dy = wheelPixels(event.deltaY, event.deltaMode, view.extent.height);
  if (isZoom) {
    view.zoomAt(view.toStage(event), view.viewport.zoom * wheelZoomFactor(dy));
  } else if (event.shiftKey && dx === 0) {
    view.panBy(-dy, 0);
  } else {
    view.panBy(-dx, -dy);
  }
  return true;
}

/** Whether something between the pointer and its node scrolls by itself, in the wheel's direction: it says so by `nowheel`. */
function scrollsItself(target: Element, { deltaY }: WheelEvent): boolean {
  const field = target.closest(".nowheel");
  if (!field || field.scrollHeight <= field.clientHeight) {
    return false;
  }
  return deltaY < 0 ? field.scrollTop > 0 : field.scrollTop + field.clientHeight < field.scrollHeight - 1;
}
