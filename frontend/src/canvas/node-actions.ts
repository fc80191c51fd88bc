/** What cards ask of the canvas they lie on. */

import type { Studio } from "@/api/studio";
import type { Canvas } from "@/canvas/canvas-context";
import { makeRunActions } from "@/canvas/runs/use-run-actions";
import { wiresInto } from "@/live/graph";
import type { ProjectDocument } from "@/live/project-document";
import type { NodeActions } from "@/nodes/node-actions";

export function createNodeActions(
  studio: Pick<Studio, "api" | "queries">,
  project: ProjectDocument,
  canvas: Canvas,
): NodeActions {
  const runs = makeRunActions(studio, project, canvas);
  return {
    openTakes: (nodeId) => canvas.state.setState({ panel: { kind: "takes", nodeId } }),
    run: (nodeId) => void runs.runNode(nodeId),
    runFrom: (nodeId) => void runs.runFrom(nodeId),
    editPrompt: (nodeId) => void editPrompt(project, canvas, nodeId),
  };
}

/** Go to the words that are sent for a node: those of the prompt that is wired to it, or its own. */
async function editPrompt(project: ProjectDocument, { selection, view }: Canvas, nodeId: string): Promise<void> {
  const wire = wiresInto(project.graph.getState(), nodeId).find(({ target_port }) => target_port === "prompt");
  const wordsId = wire?.source_node_id ?? nodeId;
  selection.set({ nodes: [wordsId] });
  await view.reveal(wordsId);
  const field = document.querySelector<HTMLElement>(
    wire ? `[data-stage-node="${wordsId}"] textarea` : '[aria-label="Inspector"] textarea',
  );
  field?.focus();
}
