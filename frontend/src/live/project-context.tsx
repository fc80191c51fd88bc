"use client";
/** The open project, for the nodes in it. */

import { createContext, useContext } from "react";
import type { ProjectReplica } from "@/live/project-replica";

const ProjectContext = createContext<ProjectReplica | null>(null);

export const ProjectProvider = ProjectContext;

export function useProject(): ProjectReplica {
  const project = useContext(ProjectContext);
  if (project === null) {
    throw new Error("There is no open project above this component.");
  }
  return project;
}
