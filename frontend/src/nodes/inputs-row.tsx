"use client";
/** What flows into a node, by the names of the nodes it comes from. */

import { ArrowRight } from "lucide-react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import { wiresInto } from "@/live/graph";
import { useProject } from "@/live/project-context";
import { TYPE_COLOUR } from "@/nodes/node-type";
import { nodeDefinition } from "@/nodes/registry";
import { cn } from "@/ui/class-names";

export function InputsRow({ nodeId }: { nodeId: string }) {
  const { graph } = useProject();
  const sources = useStore(
    graph,
    useShallow((now) => wiresInto(now, nodeId).map((wire) => now.nodes.get(wire.source_node_id))),
  );
  if (sources.length === 0) {
    return null;
  }
  return (
    <div className="mx-1.5 mt-1.5 flex items-center gap-2 border-line border-t px-0.5 pt-2 pb-1 text-meta">
      <ArrowRight aria-hidden className="size-3 shrink-0 text-dim" />
      <ul aria-label="Inputs" className="flex min-w-0 flex-wrap gap-x-3 gap-y-1">
        {sources.map((source) => source && <Source key={source.id} title={source.title} type={source.type} />)}
      </ul>
    </div>
  );
}

function Source({ title, type }: { title: string; type: string }) {
  const { icon: Icon, label, output } = nodeDefinition(type);
  return (
    <li className="flex min-w-0 items-center gap-1.5 text-mut">
      <Icon aria-hidden className={cn("size-3 shrink-0", output !== null && TYPE_COLOUR[output])} />
      <span className="truncate">
        <span className="sr-only">{label}: </span>
        {title}
      </span>
    </li>
  );
}
