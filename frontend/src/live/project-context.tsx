"use client";
/** The open project, for the nodes in it. */

import { createContext, useContext } from "react";
import type { ProjectDocument } from "@/live/project-document";

const ProjectContext = createContext<ProjectDocument | null>(null);

export const ProjectProvider = ProjectContext;

export function useProject(): ProjectDocument {
  const project = useContext(ProjectContext);
  if (project === null) {
    throw new Error("There is no open project above this component.");
  }
  return project;
}
