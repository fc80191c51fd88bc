"use client";
/** The name of another node that leads to it. Whoever shows settings says how to get there; without that it is only a name. */

import { createContext, useContext } from "react";
import { cn } from "@/ui/class-names";

const ShowNodeContext = createContext<((nodeId: string) => void) | null>(null);

/** Hands down how a node is shown: selected, and brought into view. */
export const ShowNodeProvider = ShowNodeContext;

interface NodeLinkProps {
  nodeId: string;
  title: string;
  className?: string;
}

export function NodeLink({ nodeId, title, className }: NodeLinkProps) {
  const show = useContext(ShowNodeContext);
  if (show === null) {
    return <span className={cn("min-w-0 truncate", className)}>{title}</span>;
  }
  return (
    <button
      type="button"
      onClick={() => show(nodeId)}
      title={`Go to ${title}`}
      className={cn("min-w-0 truncate rounded-[4px] hover:underline", className)}
    >
      {title}
    </button>
  );
}
