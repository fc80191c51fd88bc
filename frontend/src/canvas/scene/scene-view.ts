/** The canvas view that the rest of the studio works with, over a scene. */

import type { CanvasView } from "@/canvas/canvas-view";
import type { Scene } from "@/canvas/scene/scene";
import { centred, FAR_ZOOM, fitted, isWithin } from "@/canvas/scene/view-math";

/** Kept free around a node that was brought into view, CSS pixels. */
const REVEAL_MARGIN = 56;
/** Zoom at which a node is shown that could not be read before. */
const READING_ZOOM = 0.8;

export function createCanvasView(scene: Scene): CanvasView {
  const { view, index } = scene;
  return {
    toCanvas: (point) => view.toCanvas(point),
    toClient: (point) => view.toClient(point),
    visibleRect: () => view.free(),
    zoom: () => view.viewport.zoom,
    zoomTo: (zoom) => view.zoomTo(zoom),
    fit(nodeIds) {
      const bounds = index.bounds(nodeIds);
      if (bounds) {
        view.glideTo(fitted(bounds, view.extent, view.insets));
      }
    },
    reveal(nodeId) {
      const rect = index.bounds([nodeId]);
      if (rect === null) {
        return Promise.resolve();
      }
      const { zoom } = view.viewport;
      const isReadable = zoom >= FAR_ZOOM;
      if (!isReadable || !isWithin(rect, view.free(), REVEAL_MARGIN / zoom)) {
        const middle = { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 };
        view.glideTo(centred(middle, isReadable ? zoom : READING_ZOOM, view.extent, view.insets));
      }
      return scene.mounts.has(nodeId) ? Promise.resolve() : scene.mounts.next(nodeId);
    },
    nodesIn: (rect) => index.nodesIn(rect),
    nodeAt: (point) => index.nodeAt(point),
    watchView(watcher) {
      let last = view.viewport;
      let { extent } = view;
      return scene.watchFrames(() => {
        if (view.viewport !== last || view.extent !== extent) {
          last = view.viewport;
          extent = view.extent;
          watcher();
        }
      });
    },
  };
}
