"use client";
/** What a card asks of the canvas it lies on. Without a canvas around it, a card offers none of this. */

import { createContext, useContext } from "react";

export interface NodeActions {
  /** Show the takes of a node large, side by side. */
  openTakes(nodeId: string): void;
  /** Run this node alone; the canvas asks where it costs money. */
  run(nodeId: string): void;
  /** Run this node and all that it feeds. */
  runFrom(nodeId: string): void;
  /** Put the cursor into the words that are sent for a video node: those of the prompt that is wired in, or its own. */
  editPrompt(nodeId: string): void;
}

const NodeActionsContext = createContext<NodeActions | null>(null);

/** `value` has to stay the same object: every card watches it. */
export const NodeActionsProvider = NodeActionsContext;

export function useNodeActions(): NodeActions | null {
  return useContext(NodeActionsContext);
}
