/** Carries a step of editing out: changes the project, selects what was made, and says what could not be done. */

import { announce } from "@/canvas/announcer";
import type { CommandContext } from "@/canvas/commands/command";
import type { EditStep, NotDone } from "@/canvas/editing/edit-step";
import { toast } from "@/ui/toaster";

interface PerformOptions {
  /** Steps of one key that follow each other closely are one step to undo. */
  mergeKey?: string;
  /** Key strokes that repeat are not said each time. */
  isSilent?: boolean;
}

/** Returns whether anything was done. */
export function perform(
  { document, canvas }: Pick<CommandContext, "document" | "canvas">,
  step: EditStep | NotDone | null,
  { mergeKey, isSilent = false }: PerformOptions = {},
): boolean {
  if (step === null) {
    return false;
  }
  if (!("edits" in step)) {
    toast.problem(step.message, { description: step.advice });
    return false;
  }
  document.edit(step.label, step.edits, { mergeKey });
  if (step.select) {
    canvas.selection.set({ nodes: step.select });
  }
  if (!isSilent) {
    announce(`Done: ${step.label}`);
  }
  return true;
}
