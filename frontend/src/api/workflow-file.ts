/** Workflow files on their way in and out of the browser. What is in them is the server's to judge. */

import * as z from "zod/mini";
import { Problem } from "@/api/problem";
import type { WorkflowFile } from "@/api/projects";

const LONGEST_NAME = 200; // services/core/projects/workflow.py
const jsonObject = z.record(z.string(), z.unknown());
const named = z.object({ name: z.string().check(z.trim(), z.minLength(1), z.maxLength(LONGEST_NAME)) });

/** The document in a file; throws Problem where it is none. */
export function readWorkflow(text: string): WorkflowFile {
  try {
    return jsonObject.parse(JSON.parse(text));
  } catch {
    throw new Problem(
      "not_a_workflow",
      "This file is not a Reelgraph workflow.",
      "Choose a JSON file that was exported from a project.",
    );
  }
}

/** What a project made from the file is called: as the file says, or as it is named. */
export function nameOfWorkflow(workflow: WorkflowFile, fileName: string): string {
  const parsed = named.safeParse(workflow);
  return parsed.success
    ? parsed.data.name
    : fileName.replace(/\.json$/i, "").slice(0, LONGEST_NAME) || "Untitled project";
}

/** The name of the file that a project is exported to: no character that some system refuses. */
export function fileNameOf(projectName: string): string {
  const name = projectName
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .replace(/[^\p{Letter}\p{Number}]+/gu, "-")
    .replace(/^-+|-+$/g, "")
    .toLowerCase();
  return `${name.slice(0, 80) || "project"}.reelgraph.json`;
}

/** The name of a copy: "Teaser copy", "Teaser copy 2". */
export function nameOfCopy(name: string, taken: ReadonlySet<string>): string {
  const base = `${name.slice(0, LONGEST_NAME - 10)} copy`;
  let copy = base;
  for (let number = 2; taken.has(copy); number++) {
    copy = `${base} ${number}`;
  }
  return copy;
}

/** Hand a workflow to the person as a file. */
export function downloadWorkflow(workflow: WorkflowFile, fileName: string): void {
  const file = new Blob([`${JSON.stringify(workflow, null, 2)}\n`], { type: "application/json" });
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = fileName;
  link.click();
  // The browser has taken hold of the file by the time of the next turn.
  setTimeout(() => URL.revokeObjectURL(address));
}
