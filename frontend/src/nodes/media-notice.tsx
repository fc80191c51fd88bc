"use client";
/** Something a person should know about a result, in one line over its lower edge; opened, what to do about it. */

import { ChevronUp, Info } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import { cn } from "@/ui/class-names";

interface MediaNoticeProps {
  message: string;
  advice: string;
  /** What can be done about it here. */
  children?: ReactNode;
}

export function MediaNotice({ message, advice, children }: MediaNoticeProps) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  return (
    <div className="nodrag nopan absolute inset-x-2 bottom-2 z-10 rounded-[10px] bg-scrim text-body text-on-media">
      <button
        type="button"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
        className="flex w-full items-start gap-2 rounded-[10px] px-2.5 py-1.5 text-left focus-visible:outline-on-media"
      >
        <Info aria-hidden className="mt-[3px] size-3.5 shrink-0 opacity-80" />
        <span className={cn("min-w-0 flex-1", !isOpen && "truncate")}>{message}</span>
        <ChevronUp
          aria-hidden
          className={cn("mt-[3px] size-3.5 shrink-0 transition-transform", isOpen && "rotate-180")}
        />
      </button>
      <div id={id} hidden={!isOpen} className="px-2.5 pb-2.5 pl-8">
        {advice && <p className="opacity-85">{advice}</p>}
        {children && <div className="mt-2 flex flex-wrap gap-1.5">{children}</div>}
      </div>
    </div>
  );
}
