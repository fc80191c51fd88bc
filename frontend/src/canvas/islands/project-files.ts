/** The project's workflow as a file: exported to the person's device, or imported from there. */

import * as z from "zod/mini";
import { type ApiClient, answered } from "@/api/client";
import { Problem } from "@/api/problem";
import { exportProject } from "@/api/projects";
import type { CommandContext } from "@/canvas/commands/command";
import { perform } from "@/canvas/commands/perform";
import { boundsOf, freePlace, unionOf } from "@/canvas/editing/bounds";
import { countWords } from "@/canvas/editing/edit-step";
import { placeStep } from "@/canvas/editing/moving";
import type { Graph, Position } from "@/live/graph";
import type { ProjectDocument } from "@/live/project-document";

const jsonObject = z.record(z.string(), z.unknown());

/** Hand the project's workflow to the person as a file. Throws Problem. */
export async function exportToFile(api: ApiClient, { projectId, graph }: ProjectDocument): Promise<void> {
  const workflow = await exportProject(api, projectId);
  const file = new Blob([`${JSON.stringify(workflow, null, 2)}\n`], { type: "application/json" });
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = fileNameOf(graph.getState().name);
  link.click();
  setTimeout(() => URL.revokeObjectURL(address)); // by the next turn the browser has taken hold of the file
}

/** "Lighthouse teaser" is lighthouse-teaser.reelgraph.json: no character that some system refuses. */
export function fileNameOf(projectName: string): string {
  const name = projectName
    .normalize("NFKD")
    .replaceAll(/\p{Mark}/gu, "")
    .replaceAll(/[^\p{Letter}\p{Number}]+/gu, "-")
    .replaceAll(/^-+|-+$/g, "")
    .toLowerCase();
  return `${name.slice(0, 80) || "project"}.reelgraph.json`;
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

function readWorkflow(text: string): Record<string, unknown> {
  try {
    return jsonObject.parse(JSON.parse(text));
  } catch {
    const advice = "Choose a JSON file that was exported from a project.";
    throw new Problem("not_a_workflow", "This file is not a Reelgraph workflow.", advice);
  }
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
