"use client";
/** The stage, for what is rendered in it: its nodes, the wire that is being pulled, the minimap. */

import { createContext, type ReactNode, useContext } from "react";
import type { Scene } from "@/canvas/scene/scene";
import type { StageProps } from "@/canvas/scene/stage-props";

/** Stays the same for as long as none of its members changes: every node in the DOM listens to it. */
export interface StageState {
  scene: Scene;
  renderNode: (nodeId: string) => ReactNode;
  definitions: StageProps["definitions"];
  connectionProblem: StageProps["connectionProblem"];
  canEdit: boolean;
}

const StageContext = createContext<StageState | null>(null);

export const StageStateProvider = StageContext;

export function useStage(): StageState {
  const stage = useContext(StageContext);
  if (stage === null) {
    throw new Error("There is no stage around this component.");
  }
  return stage;
}
