"use client";
/** The nodes that use what this one puts out, each a way there. */

import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import { wiresOutOf } from "@/live/graph";
import { useProject } from "@/live/project-context";
import { NodeLink } from "@/nodes/settings/node-link";

export function FeedsList({ nodeId }: { nodeId: string }) {
  const { graph } = useProject();
  const targets = useStore(
    graph,
    useShallow((now) => [
      ...new Set(wiresOutOf(now, nodeId).map(({ target_node_id }) => now.nodes.get(target_node_id))),
    ]),
  );
  return (
    <section aria-label="Used by" className="flex flex-col gap-1.5">
      <h3 className="text-body text-mut">Used by</h3>
      {targets.length === 0 ? (
        <p className="text-dim text-meta">No node yet. Drag from its handle to one.</p>
      ) : (
        <ul className="flex flex-col items-start gap-1 text-body">
          {targets.map(
            (target) =>
              target && (
                <li key={target.id} className="flex max-w-full">
                  <NodeLink nodeId={target.id} title={target.title} />
                </li>
              ),
          )}
        </ul>
      )}
    </section>
  );
}
