/** Image nodes for picture files, side by side where they were dropped. Pure. */

import { addNode } from "@/canvas/editing/adding";
import { boundsOf, GAP } from "@/canvas/editing/bounds";
import { countWords, type EditStep, type NewId, newId } from "@/canvas/editing/edit-step";
import type { Graph, Position } from "@/live/graph";
import { applyEdits, type Edit } from "@/live/operations";
import { LONGEST_TITLE } from "@/nodes/titles";

export interface AddedPictures extends EditStep {
  /** The node of each file, in the order of the files. */
  nodeIds: readonly string[];
}

/** One step, however many files. `at`: the middle of the first picture. */
export function addPictureNodes(
  graph: Graph,
  fileNames: readonly string[],
  at: Position,
  makeId: NewId = newId,
): AddedPictures {
  let now = graph;
  let place = at;
  const edits: Edit[] = [];
  const nodeIds: string[] = [];
  for (const fileName of fileNames) {
    const made = addNode(now, { type: "image", at: place, title: titleOf(fileName) }, makeId);
    now = applyEdits(now, made.edits);
    edits.push(...made.edits);
    nodeIds.push(made.nodeId);
    const node = now.nodes.get(made.nodeId);
    place = { x: place.x + (node ? boundsOf(node).width : 0) + GAP, y: place.y };
  }
  return { label: `add ${countWords(nodeIds.length, "picture")}`, edits, select: nodeIds, nodeIds };
}

/** "mara_02.jpg" is "mara_02". */
function titleOf(fileName: string): string {
  return fileName.replace(/\.\w{2,5}$/, "").slice(0, LONGEST_TITLE) || "Picture";
}
