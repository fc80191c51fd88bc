/** The project's workflow as a file: exported to the person's device, or imported from there. */

import { type ApiClient, answered } from "@/api/client";
import { exportProject } from "@/api/projects";
import { downloadWorkflow, fileNameOf, readWorkflow } from "@/api/workflow-file";
import type { CommandContext } from "@/canvas/commands/command";
import { perform } from "@/canvas/commands/perform";
import { boundsOf, freePlace, unionOf } from "@/canvas/editing/bounds";
import { countWords } from "@/canvas/editing/edit-step";
import { placeStep } from "@/canvas/editing/moving";
import type { Graph, Position } from "@/live/graph";
import type { ProjectDocument } from "@/live/project-document";

/** Hand the project's workflow to the person as a file. Throws Problem. */
export async function exportToFile(api: ApiClient, { projectId, graph }: ProjectDocument): Promise<void> {
  const workflow = await exportProject(api, projectId);
  downloadWorkflow(workflow, fileNameOf(graph.getState().name));
}

/** Add the workflow in a file to the project; what is in it is the server's to judge. Throws Problem. Answers what came, in words. */
export async function importFromFile(api: ApiClient, context: CommandContext, file: File): Promise<string> {
  const { document } = context;
  const workflow = readWorkflow(await file.text());
  const ids = Object.values(
    await answered(
      api.POST("/api/projects/{project_id}/import", {
        params: { path: { project_id: document.projectId } },
        body: workflow,
      }),
    ),
  );
  await whenThere(document, ids);
  const graph = document.graph.getState();
  const places = placesWithRoom(graph, new Set(ids));
  perform(context, placeStep(graph, places, "make room for a workflow"), { isSilent: true });
  context.canvas.selection.set({ nodes: ids });
  context.canvas.view.fit(ids);
  return `Imported ${countWords(ids.length, "node")}`;
}

/** Resolves when the log has told of all these nodes, or at least should have. */
function whenThere({ graph }: ProjectDocument, nodeIds: readonly string[]): Promise<void> {
  const isThere = ({ nodes }: Graph) => nodeIds.every((id) => nodes.has(id));
  if (isThere(graph.getState())) {
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      end();
      resolve();
    };
    const timer = setTimeout(done, LONGEST_WAIT_MS);
    const end = graph.subscribe((now) => isThere(now) && done());
  });
}

const LONGEST_WAIT_MS = 10_000;

/** Where imported nodes go so that they do not lie on what was there: a file knows nothing of it. */
export function placesWithRoom(graph: Graph, nodeIds: ReadonlySet<string>): ReadonlyMap<string, Position> {
  const all = [...graph.nodes.values()];
  const imported = all.filter(({ id }) => nodeIds.has(id));
  const around = unionOf(imported.map(boundsOf));
  if (!around) {
    return new Map();
  }
  const others = new Map([...graph.nodes].filter(([id]) => !nodeIds.has(id)));
  const place = freePlace({ ...graph, nodes: others }, around);
  const by = { x: place.x - around.x, y: place.y - around.y };
  return new Map(imported.map(({ id, position }) => [id, { x: position.x + by.x, y: position.y + by.y }]));
}
