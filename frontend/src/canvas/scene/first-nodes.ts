/** For whoever measures the page: when its first nodes could be seen. */

import type { Scene } from "@/canvas/scene/scene";

const MARK = "canvas.first_nodes";

/** Mark it once; returns how to end the waiting for it. */
export function markFirstNodes(scene: Scene): () => void {
  const end = scene.watchFrames(() => {
    if (scene.palette !== null && scene.index.nodes.count > 0) {
      end();
      // The frame after the one that painted them: by then that one was shown.
      requestAnimationFrame(() => performance.mark(MARK));
    }
  });
  return end;
}
