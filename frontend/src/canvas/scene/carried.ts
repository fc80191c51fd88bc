/** What moves when somebody drags: the nodes themselves, and what lies in the frames among them. Pure. */

import type { SceneIndex } from "@/canvas/scene/scene-index";
import { FRAME } from "@/canvas/scene/scene-nodes";

/** Ids of these nodes and of all that they carry: what has its middle in a frame goes where the frame goes. */
export function carried(index: SceneIndex, nodeIds: Iterable<string>): Set<string> {
  const all = new Set(nodeIds);
  for (const nodeId of all) {
    // A set hands out what is added while one walks it: a frame in a frame brings its own along.
    for (const inside of lyingIn(index, nodeId)) {
      all.add(inside);
    }
  }
  return all;
}

/** Ids of the nodes that lie in a frame: those whose middle does, and frames that do wholly. None for what is no frame. */
export function lyingIn(index: SceneIndex, frameId: string): string[] {
  const frame = index.nodes.slotOf(frameId);
  if (frame === null || index.nodes.kind[frame] !== FRAME) {
    return [];
  }
  const rect = index.nodes.rectOf(frame);
  const wholly = new Set(index.nodesIn(rect));
  return index.idsOf(
    index.query(rect).filter((slot) => {
      if (slot === frame) {
        return false;
      }
      if (index.nodes.kind[slot] === FRAME) {
        return wholly.has(index.nodes.node[slot]?.id ?? "");
      }
      const { x, y, width, height } = index.nodes.rectOf(slot);
      const middleX = x + width / 2;
      const middleY = y + height / 2;
      return (
        middleX >= rect.x && middleX <= rect.x + rect.width && middleY >= rect.y && middleY <= rect.y + rect.height
      );
    }),
  );
}
