"use client";
/** The list itself: only the rows in view are in the page, and one of them is where the keyboard is. */

import { type KeyboardEvent, type Ref, useEffect, useId, useImperativeHandle, useRef, useState } from "react";
import type { CommandContext } from "@/canvas/commands/command";
import { perform } from "@/canvas/commands/perform";
import { isAtWork } from "@/canvas/commands/system-clipboard";
import { deleteSelection } from "@/canvas/editing/deleting";
import { actionOf } from "@/canvas/outline/outline-keys";
import { OutlineRowView, ROW_HEIGHT } from "@/canvas/outline/outline-row";
import type { OutlineRow } from "@/canvas/outline/outline-rows";
import { cn } from "@/ui/class-names";

export interface OutlineTreeHandle {
  focus(): void;
}

interface OutlineTreeProps {
  ref: Ref<OutlineTreeHandle>;
  rows: readonly OutlineRow[];
  selected: ReadonlySet<string>;
  context: CommandContext;
  onShow: (nodeId: string) => void;
  onAsk: (kind: "menu" | "rename", nodeId: string, at: { x: number; y: number }) => void;
  onToggleOpen: (nodeId: string) => void;
  onFilter: (character: string) => void;
  onLeave: () => void;
}

/** Rows kept above and below the view, so that scrolling shows no gaps. */
const SPARE = 6;
/** Before the browser has told the height. */
const USUAL_HEIGHT = 600;

export function OutlineTree({
  ref,
  rows,
  selected,
  context,
  onShow,
  onAsk,
  onToggleOpen,
  onFilter,
  onLeave,
}: OutlineTreeProps) {
  const box = useRef<HTMLDivElement>(null);
  const idOf = useRowId();
  const { first, last, onScroll } = useWindow(box, rows.length);
  const [active, setActive] = useActive(rows, selected);

  useImperativeHandle(ref, () => ({ focus: () => box.current?.focus({ preventScroll: true }) }), []);
  useEffect(() => {
    if (box.current) {
      scrollToRow(box.current, active);
    }
  }, [active]);

  const { document, canvas } = context;
  const pick = (nodeId: string, isAdditive: boolean) => {
    setActive(nodeId);
    if (isAdditive) {
      canvas.selection.toggle(nodeId);
    } else {
      onShow(nodeId);
    }
  };
  const remove = (nodeId: string) => {
    const { nodes } = canvas.selection.state.getState();
    const gone = { nodes: nodes.has(nodeId) ? nodes : new Set([nodeId]), wires: new Set<string>() };
    perform(
      context,
      deleteSelection(document.graph.getState(), gone, (id) => isAtWork(document, id)),
    );
  };
  const placeOf = (nodeId: string) => {
    const rect = window.document.getElementById(idOf(nodeId))?.getBoundingClientRect();
    return { x: (rect?.left ?? 0) + 24, y: rect?.bottom ?? 0 };
  };

  function onKeyDown(event: KeyboardEvent) {
    const hasModifier = event.metaKey || event.ctrlKey || event.altKey;
    const rowsOnPage = Math.max(1, Math.floor((box.current?.clientHeight ?? USUAL_HEIGHT) / ROW_HEIGHT) - 1);
    const action = actionOf({ key: event.key, shiftKey: event.shiftKey, hasModifier }, rows, active, rowsOnPage);
    if (!action) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    switch (action.kind) {
      case "go":
        return setActive(action.nodeId);
      case "open":
      case "close":
        return onToggleOpen(action.nodeId);
      case "show":
        return onShow(action.nodeId);
      case "toggle":
        return canvas.selection.toggle(action.nodeId);
      case "delete":
        return document.canEdit ? remove(action.nodeId) : undefined;
      case "rename":
        return document.canEdit ? onAsk("rename", action.nodeId, { x: 0, y: 0 }) : undefined;
      case "menu":
        return onAsk("menu", action.nodeId, placeOf(action.nodeId));
      case "filter":
        return onFilter(action.character);
      case "leave":
        return onLeave();
    }
  }

  const activeRow = rows[active];
  return (
    <div
      ref={box}
      role="tree"
      tabIndex={0}
      aria-label="Nodes"
      aria-multiselectable
      aria-activedescendant={activeRow && active >= first && active < last ? idOf(activeRow.nodeId) : undefined}
      onKeyDown={onKeyDown}
      onScroll={onScroll}
      className={cn(
        "group/tree relative min-h-0 flex-1 overflow-y-auto rounded-b-island pb-1.5 outline-offset-[-2px] [scrollbar-width:thin]",
        activeRow && "focus-visible:outline-none", // the row that the keyboard is on shows it
      )}
    >
      <div role="presentation" className="relative" style={{ height: rows.length * ROW_HEIGHT }}>
        {rows.slice(first, last).map((row, offset) => (
          <OutlineRowView
            key={row.nodeId}
            row={row}
            id={idOf(row.nodeId)}
            index={first + offset}
            isActive={first + offset === active}
            isSelected={selected.has(row.nodeId)}
            onPick={pick}
            onToggleOpen={onToggleOpen}
            onMenu={(nodeId, at) => onAsk("menu", nodeId, at)}
          />
        ))}
      </div>
      {rows.length === 0 && <p className="px-4 py-6 text-center text-mut">No node fits.</p>}
    </div>
  );
}

function useRowId(): (nodeId: string) => string {
  const prefix = useId();
  return (nodeId) => `${prefix}${nodeId}`;
}

/** Which rows are in view, and a few more. */
function useWindow(box: { current: HTMLDivElement | null }, count: number) {
  const [view, setView] = useState({ top: 0, height: USUAL_HEIGHT });
  useEffect(() => {
    const element = box.current;
    if (!element || typeof ResizeObserver === "undefined") {
      return;
    }
    const observer = new ResizeObserver(() => setView({ top: element.scrollTop, height: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return {
    first: Math.max(0, Math.floor(view.top / ROW_HEIGHT) - SPARE),
    last: Math.min(count, Math.ceil((view.top + view.height) / ROW_HEIGHT) + SPARE),
    onScroll: () => {
      const { scrollTop: top = 0, clientHeight = 0 } = box.current ?? {};
      setView((now) => ({ top, height: clientHeight || now.height }));
    },
  };
}

/** The row that the keyboard is on; where its node goes away, the one that takes its place. */
function useActive(rows: readonly OutlineRow[], selected: ReadonlySet<string>): [number, (nodeId: string) => void] {
  const [active, setActive] = useState<string | null>(() => [...selected][0] ?? null);
  const before = useRef(0);
  const found = rows.findIndex(({ nodeId }) => nodeId === active);
  const index = found >= 0 ? found : Math.min(before.current, Math.max(0, rows.length - 1));
  useEffect(() => {
    before.current = index;
    const row = rows[index];
    if (row && row.nodeId !== active) {
      setActive(row.nodeId);
    }
  }, [rows, index, active]);
  return [index, setActive];
}

function scrollToRow(box: HTMLElement, index: number): void {
  const top = index * ROW_HEIGHT;
  const height = box.clientHeight || USUAL_HEIGHT;
  if (top < box.scrollTop) {
    box.scrollTop = top;
  } else if (top + ROW_HEIGHT > box.scrollTop + height) {
    box.scrollTop = top + ROW_HEIGHT - height;
  }
}
