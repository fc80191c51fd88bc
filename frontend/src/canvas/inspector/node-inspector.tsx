"use client";
/** One node: its settings, its history, and what running it costs. */

import { Tabs } from "radix-ui";
import { useStore } from "zustand";
import { NodeHistory } from "@/canvas/inspector/node-history";
import { RunFooter } from "@/canvas/inspector/run-footer";
import { useShowNode } from "@/canvas/inspector/use-show-node";
import type { GraphNode } from "@/live/graph";
import { useProject } from "@/live/project-context";
import { type NodeMoment, useNodeMoment } from "@/live/status-store";
import { TYPE_COLOUR } from "@/nodes/node-type";
import { nodeDefinition } from "@/nodes/registry";
import { ShowNodeProvider } from "@/nodes/settings/node-link";
import { cn } from "@/ui/class-names";

export function NodeInspector({ nodeId }: { nodeId: string }) {
  const { graph, statuses } = useProject();
  const node = useStore(graph, ({ nodes }) => nodes.get(nodeId));
  const moment = useNodeMoment(statuses, nodeId);
  const show = useShowNode();
  if (!node) {
    return null;
  }
  const { Settings } = nodeDefinition(node.type);
  const isVideo = node.type === "video";
  return (
    <ShowNodeProvider value={show}>
      <Tabs.Root defaultValue="settings" className="flex min-h-0 flex-1 flex-col">
        <Header node={node} moment={moment} hasHistory={isVideo} />
        <Tabs.Content value="settings" className={PAGE}>
          <Settings node={node} moment={moment} />
        </Tabs.Content>
        {isVideo && (
          <Tabs.Content value="history" className={PAGE}>
            <NodeHistory nodeId={node.id} selectedTakeId={moment.selectedTakeId} />
          </Tabs.Content>
        )}
      </Tabs.Root>
      {isVideo && <RunFooter node={node} />}
    </ShowNodeProvider>
  );
}

const PAGE = "min-h-0 flex-1 overflow-y-auto px-4 pb-5 [scrollbar-width:thin]";

function Header({ node, moment, hasHistory }: { node: GraphNode; moment: NodeMoment; hasHistory: boolean }) {
  const { icon: Icon, label, output, Subtitle } = nodeDefinition(node.type);
  return (
    <header className="flex items-center gap-3 p-4">
      <span
        className={cn(
          "grid size-8 shrink-0 place-items-center rounded-input bg-raise",
          output === null ? "text-mut" : TYPE_COLOUR[output.type],
        )}
      >
        <Icon aria-hidden className="size-4" />
      </span>
      <div className="min-w-0 flex-1">
        <h2 className="truncate text-title leading-[18px]" title={node.title}>
          {node.title}
        </h2>
        <p className="truncate text-meta text-mut">
          {label}
          {Subtitle && (
            <>
              {" · "}
              <Subtitle node={node} moment={moment} />
            </>
          )}
        </p>
      </div>
      {hasHistory && (
        <Tabs.List aria-label="What to show of the node" className="flex shrink-0 gap-0.5 rounded-input bg-field p-0.5">
          <TabButton value="settings">Settings</TabButton>
          <TabButton value="history">History</TabButton>
        </Tabs.List>
      )}
    </header>
  );
}

function TabButton({ value, children }: { value: string; children: string }) {
  return (
    <Tabs.Trigger
      value={value}
      className="h-7 rounded-[8px] px-2 text-meta text-mut hover:text-fg data-[state=active]:bg-raise data-[state=active]:text-fg"
    >
      {children}
    </Tabs.Trigger>
  );
}
