/** What is selected on the canvas: nodes and wires, by their ids. This tab's own matter. */

import { createStore, type StoreApi } from "zustand/vanilla";

export interface Selection {
  nodes: ReadonlySet<string>;
  wires: ReadonlySet<string>;
}

const NOTHING: Selection = { nodes: new Set(), wires: new Set() };

export class SelectionStore {
  readonly state: StoreApi<Selection> = createStore<Selection>(() => NOTHING);

  /** Select these and nothing else. */
  set({ nodes = [], wires = [] }: { nodes?: Iterable<string>; wires?: Iterable<string> }): void {
    const next = { nodes: new Set(nodes), wires: new Set(wires) };
    const now = this.state.getState();
    if (!isSame(now.nodes, next.nodes) || !isSame(now.wires, next.wires)) {
      this.state.setState(next, true);
    }
  }

  /** Add a node to the selection, or take it out. */
  toggle(nodeId: string): void {
    const { nodes, wires } = this.state.getState();
    const next = new Set(nodes);
    if (!next.delete(nodeId)) {
      next.add(nodeId);
    }
    this.set({ nodes: next, wires });
  }

  clear(): void {
    this.set({});
  }

  /** Let go of what is not on the canvas any more. */
  keepOnly(isThere: { node: (id: string) => boolean; wire: (id: string) => boolean }): void {
    const { nodes, wires } = this.state.getState();
    this.set({ nodes: [...nodes].filter(isThere.node), wires: [...wires].filter(isThere.wire) });
  }
}

function isSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((id) => b.has(id));
}
