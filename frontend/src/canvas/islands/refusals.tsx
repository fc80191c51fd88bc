"use client";
/** Says why an edit that was already on screen was taken back: the server did not take it. */

import { useEffect } from "react";
import { useProject } from "@/live/project-context";
import { toast } from "@/ui/toaster";

/** Once on the canvas; shows nothing by itself. */
export function Refusals() {
  const project = useProject();
  useEffect(
    () =>
      project.watchRefusals(({ label, problem }) => {
        toast.problem(`Could not ${label}. ${problem.detail}`, { description: problem.advice });
      }),
    [project],
  );
  return null;
}
