/** What a pointer is over: by the index, because most nodes have no element; and by the element, where something answers itself. */

import type { ClientPoint } from "@/canvas/canvas-view";
import type { Hit } from "@/canvas/scene/gesture-rules";
import type { Scene } from "@/canvas/scene/scene";

/** A wire is under the pointer when it is this near. CSS pixels. */
const WIRE_REACH = 6;
/** What answers presses itself. */
export const CONTROLS =
  "button, a, input, textarea, select, label, summary, video, audio, [contenteditable='true'], [role='slider'], [role='menuitem'], .nodrag";
/** A handle pulls a wire, which is React Flow's matter. */
const HANDLE = ".react-flow__handle";

/** What lies under a point of the window. */
export function hitAt({ index, view }: Scene, point: ClientPoint): Hit {
  const at = view.toCanvas(point);
  const nodeId = index.nodeAt(at);
  if (nodeId !== null && !index.isFrame(nodeId)) {
    return { kind: "node", nodeId };
  }
  const wireId = index.wireAt(at, WIRE_REACH / view.viewport.zoom);
  if (wireId !== null) {
    return { kind: "wire", wireId };
  }
  return nodeId === null ? { kind: "nothing" } : { kind: "node", nodeId };
}

export function isOnHandle({ target }: Event): boolean {
  return target instanceof Element && target.closest(HANDLE) !== null;
}

/** Whether it happened on something within the stage that answers itself. */
export function isOnControl({ target }: Event, stage: HTMLElement | null): boolean {
  const control = target instanceof Element ? target.closest(CONTROLS) : null;
  return control !== null && stage?.contains(control) === true;
}
