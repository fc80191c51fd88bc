"use client";
/** One node in the outline: kind, name, state, and what flows into it. */

import { Check, ChevronDown, ChevronRight, Ellipsis } from "lucide-react";
import { memo } from "react";
import { useStore } from "zustand";
import { stateWords } from "@/canvas/activity";
import { isFrame } from "@/canvas/editing/bounds";
import { inputWords, type OutlineRow } from "@/canvas/outline/outline-rows";
import { textOf } from "@/canvas/palette/search";
import type { NodeStatus } from "@/live/node-status";
import { useProject } from "@/live/project-context";
import { useNodeMoment } from "@/live/status-store";
import { TYPE_COLOUR } from "@/nodes/node-type";
import { nodeDefinition } from "@/nodes/registry";
import { StateChip } from "@/nodes/state-chip";
import { cn } from "@/ui/class-names";

export const ROW_HEIGHT = 44;
const INDENT = 18;

interface RowProps {
  row: OutlineRow;
  id: string;
  /** From the top of the whole list, in rows. */
  index: number;
  isActive: boolean;
  isSelected: boolean;
  onPick: (nodeId: string, isAdditive: boolean) => void;
  onToggleOpen: (nodeId: string) => void;
  onMenu: (nodeId: string, at: { x: number; y: number }) => void;
}

/** The keyboard is the tree's: it keeps the focus, and names the row it is on. */
export const OutlineRowView = memo(function OutlineRowView(props: RowProps) {
  const { row, id, index, isActive, isSelected, onPick, onToggleOpen, onMenu } = props;
  const { graph, statuses } = useProject();
  const node = useStore(graph, ({ nodes }) => nodes.get(row.nodeId));
  const words = useStore(graph, (now) => inputWords(now, row.nodeId));
  const { status } = useNodeMoment(statuses, row.nodeId);
  if (!node) {
    return null;
  }
  const { icon: Icon, label, output } = nodeDefinition(node.type);
  const detail = words ?? textOf(node);
  const Chevron = row.isOpen ? ChevronDown : ChevronRight;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the tree's, which has the focus.
    <div
      role="treeitem"
      id={id}
      tabIndex={-1}
      aria-labelledby={`${id}-words`} // not by all that is in it: the button has a name of its own
      aria-level={row.level}
      aria-posinset={row.place}
      aria-setsize={row.siblings}
      aria-selected={isSelected}
      aria-expanded={row.isOpen ?? undefined}
      onClick={(event) => onPick(row.nodeId, event.shiftKey || event.metaKey || event.ctrlKey)}
      onContextMenu={(event) => {
        event.preventDefault();
        onMenu(row.nodeId, { x: event.clientX, y: event.clientY });
      }}
      style={{ top: index * ROW_HEIGHT, height: ROW_HEIGHT, paddingLeft: 10 + (row.level - 1) * INDENT }}
      className={cn(
        "group absolute inset-x-1.5 flex cursor-default items-center gap-2.5 rounded-[10px] pr-1.5 hover:bg-raise/50",
        isSelected && "bg-raise",
        isActive && "group-focus-visible/tree:shadow-[inset_0_0_0_2px_var(--color-fg)]",
      )}
    >
      {row.isOpen !== null && (
        <Chevron
          aria-hidden
          className="-mx-1 size-4 shrink-0 text-dim"
          onClick={(event) => {
            event.stopPropagation();
            onToggleOpen(row.nodeId);
          }}
        />
      )}
      <Icon aria-hidden className={cn("size-4 shrink-0 text-mut", output && TYPE_COLOUR[output.type])} />
      <span id={`${id}-words`} className="flex min-w-0 flex-1 items-center gap-2.5">
        <span className="flex min-w-0 flex-1 flex-col">
          <span className={cn("truncate", isFrame(node) && "font-medium")}>
            <span className="sr-only">{label}: </span>
            {node.title}
          </span>
          {detail !== "" && (
            <span className="truncate text-dim text-meta">
              <span className="sr-only">, </span> {detail}
            </span>
          )}
        </span>
        {output !== null && <State status={status} />}
      </span>
      <button
        type="button"
        tabIndex={-1}
        aria-label={`Actions of ${node.title}`}
        onClick={(event) => {
          event.stopPropagation();
          const { left, bottom } = event.currentTarget.getBoundingClientRect();
          onMenu(row.nodeId, { x: left, y: bottom });
        }}
        className="grid size-7 shrink-0 place-items-center rounded-[8px] text-mut opacity-0 hover:bg-raise hover:text-fg focus-visible:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100"
      >
        <Ellipsis aria-hidden className="size-4" />
      </button>
    </div>
  );
});

/** The usual chip; what it says without words is said to those who only hear, behind all that can be read. */
function State({ status }: { status: NodeStatus }) {
  switch (status.state) {
    case "idle":
      return <span className="sr-only">, {stateWords(status)}</span>;
    case "succeeded":
      return (
        <span className="grid size-4 shrink-0 place-items-center rounded-full bg-ok/20 text-ok">
          <Check aria-hidden className="size-2.5" strokeWidth={3} />
          <span className="sr-only">, {stateWords(status)}</span>
        </span>
      );
    default:
      return (
        <span className="shrink-0">
          <span className="sr-only">, </span> <StateChip status={status} />
        </span>
      );
  }
}
