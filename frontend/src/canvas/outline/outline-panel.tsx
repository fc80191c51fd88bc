"use client";
/** All nodes as a list, in reading order: how people work with the canvas by keyboard and with a screen reader. */

import { X } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useStore } from "zustand";
import type { CommandContext } from "@/canvas/commands/command";
import { countWords } from "@/canvas/editing/edit-step";
import { ConnectDialog, RenameDialog } from "@/canvas/outline/outline-dialogs";
import { outlineMenu } from "@/canvas/outline/outline-menu";
import { outlineRows } from "@/canvas/outline/outline-rows";
import { OutlineTree, type OutlineTreeHandle } from "@/canvas/outline/outline-tree";
import { MenuAtPoint } from "@/ui/menu";

interface OutlinePanelProps {
  context: CommandContext;
  onClose: () => void;
  className?: string;
}

/** What is open over the outline, about one node. */
type Asked =
  | { kind: "nothing" }
  | { kind: "menu"; nodeId: string; at: { x: number; y: number } }
  | { kind: "rename" | "connect"; nodeId: string };

export function OutlinePanel({ context, onClose, className }: OutlinePanelProps) {
  const { document, canvas } = context;
  const graph = useStore(document.graph);
  const selected = useStore(canvas.selection.state, ({ nodes }) => nodes);
  const [filter, setFilter] = useState("");
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState<Asked>({ kind: "nothing" });
  const tree = useRef<OutlineTreeHandle>(null);
  const field = useRef<HTMLInputElement>(null);
  const rows = useMemo(() => outlineRows(graph, { closed, filter }), [graph, closed, filter]);

  // Whoever opens the outline is going to use it.
  useEffect(() => {
    const before = window.document.activeElement;
    tree.current?.focus();
    return () => {
      if (before instanceof HTMLElement) {
        before.focus({ preventScroll: true });
      }
    };
  }, []);

  const close = () => setAsked({ kind: "nothing" });
  const show = (nodeId: string) => {
    canvas.selection.set({ nodes: [nodeId] });
    void canvas.view.reveal(nodeId);
  };

  return (
    <aside aria-label="Outline" className={`island flex min-h-0 flex-col ${className ?? ""}`}>
      <header className="flex items-center gap-2 py-2 pr-2 pl-4">
        <h2 className="text-title">Outline</h2>
        <p role="status" className="text-dim text-meta tabular-nums">
          {filter.trim() === "" ? countWords(graph.nodes.size, "node") : `${rows.length} of ${graph.nodes.size}`}
        </p>
        <button
          type="button"
          aria-label="Close the outline"
          onClick={onClose}
          className="ml-auto grid size-8 place-items-center rounded-input text-mut hover:bg-raise/60 hover:text-fg"
        >
          <X aria-hidden className="size-4" />
        </button>
      </header>
      <input
        ref={field}
        type="search"
        aria-label="Filter the outline"
        placeholder="Filter"
        value={filter}
        onChange={(event) => setFilter(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown" || event.key === "Enter") {
            event.preventDefault();
            tree.current?.focus();
          } else if (event.key === "Escape") {
            event.stopPropagation();
            setFilter("");
            tree.current?.focus();
          }
        }}
        className="mx-3 mb-2 h-9 shrink-0 rounded-input bg-field px-3 text-[16px] text-fg shadow-[inset_0_0_0_1px_var(--color-line-strong)] placeholder:text-dim sm:text-body"
      />
      <OutlineTree
        ref={tree}
        rows={rows}
        selected={selected}
        context={context}
        onShow={show}
        onAsk={(kind, nodeId, at) => setAsked(kind === "menu" ? { kind, nodeId, at } : { kind, nodeId })}
        onToggleOpen={(nodeId) => setClosed(toggled(closed, nodeId))}
        onFilter={(character) => {
          setFilter(filter + character);
          field.current?.focus();
        }}
        onLeave={() => (filter === "" ? onClose() : setFilter(""))}
      />
      <MenuAtPoint
        label="Actions of the node"
        items={
          asked.kind === "menu"
            ? outlineMenu(context, asked.nodeId, { onShow: show, onAsk: (kind, nodeId) => setAsked({ kind, nodeId }) })
            : []
        }
        at={asked.kind === "menu" ? asked.at : null}
        // Choosing an item may have asked for a dialog by now.
        onClose={() => setAsked((now) => (now.kind === "menu" ? { kind: "nothing" } : now))}
      />
      {asked.kind === "rename" && <RenameDialog context={context} nodeId={asked.nodeId} onClose={close} />}
      {asked.kind === "connect" && <ConnectDialog context={context} nodeId={asked.nodeId} onClose={close} />}
    </aside>
  );
}

function toggled(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(id)) {
    next.add(id);
  }
  return next;
}
