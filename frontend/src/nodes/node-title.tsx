"use client";
/** A node's name: read most of the time, typed after a double click. */

import { type KeyboardEvent, useEffect, useRef } from "react";
import { useStore } from "zustand";
import type { GraphNode } from "@/live/graph";
import { useProject } from "@/live/project-context";
import { beginRenaming, endRenaming, renaming } from "@/nodes/renaming";
import { LONGEST_TITLE } from "@/nodes/titles";
import { cn } from "@/ui/class-names";

interface NodeTitleProps {
  node: GraphNode;
  /** The kind, for screen readers. */
  label: string;
  /** Of the heading, which names the card. */
  id: string;
  className?: string;
}

export function NodeTitle({ node, label, id, className }: NodeTitleProps) {
  const { canEdit } = useProject();
  const isRenaming = useStore(renaming, ({ nodeId }) => nodeId === node.id) && canEdit;
  return (
    <>
      <h2
        id={id}
        title={node.title}
        onDoubleClick={canEdit ? () => beginRenaming(node.id) : undefined}
        className={cn("min-w-0 truncate font-medium text-node", isRenaming && "sr-only", className)}
      >
        <span className="sr-only">{label}: </span>
        {node.title}
      </h2>
      {isRenaming && <TitleField node={node} />}
    </>
  );
}

function TitleField({ node }: { node: GraphNode }) {
  const project = useProject();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    field.current?.select();
  }, []);

  function commit() {
    const title = field.current?.value.trim() ?? "";
    if (title !== "" && title !== node.title) {
      project.edit("rename node", [{ op: "update_node", node_id: node.id, title }]);
    }
    endRenaming();
  }

  function onKeyDown(event: KeyboardEvent) {
    event.stopPropagation(); // the canvas has shortcuts of its own for these keys
    if (event.key === "Enter") {
      commit();
    } else if (event.key === "Escape") {
      endRenaming();
    }
  }

  return (
    <input
      ref={field}
      // biome-ignore lint/a11y/noAutofocus: the person has just asked to type here.
      autoFocus
      aria-label="Name of the node"
      defaultValue={node.title}
      maxLength={LONGEST_TITLE}
      onBlur={commit}
      onKeyDown={onKeyDown}
      onDoubleClick={(event) => event.stopPropagation()}
      className="nodrag nopan -my-0.5 h-6 min-w-0 flex-1 rounded-[6px] bg-field px-1.5 font-medium text-node shadow-[inset_0_0_0_1px_var(--color-line-strong)] focus-visible:outline-offset-0"
    />
  );
}
