/** Which node's name is being typed, so that a shortcut can begin it as well as a double click on the name. */

import { createStore } from "zustand/vanilla";

interface Renaming {
  /** Null: none. */
  nodeId: string | null;
}

export const renaming = createStore<Renaming>(() => ({ nodeId: null }));

/** Put the cursor into the name of a node that is on screen. */
export function beginRenaming(nodeId: string): void {
  renaming.setState({ nodeId });
}

export function endRenaming(): void {
  renaming.setState({ nodeId: null });
}
