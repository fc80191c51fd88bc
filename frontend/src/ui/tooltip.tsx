"use client";
/** What a button without words does, and its keys, when the pointer rests on it or the focus is there. */

import { Tooltip as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { Kbd } from "@/ui/kbd";

interface TooltipProps {
  label: string;
  /** "Mod+Z". */
  shortcut?: string;
  side?: "top" | "right" | "bottom" | "left";
  /** The button. It needs a name of its own: nobody reads a tooltip on a phone. */
  children: ReactNode;
}

export function Tooltip({ label, shortcut, side = "bottom", children }: TooltipProps) {
  return (
    <Radix.Provider delayDuration={400}>
      <Radix.Root>
        <Radix.Trigger asChild>{children}</Radix.Trigger>
        <Radix.Portal>
          <Radix.Content
            side={side}
            sideOffset={8}
            collisionPadding={8}
            className="z-[60] flex max-w-[280px] animate-appear items-center gap-2 rounded-[8px] bg-raise px-2.5 py-1.5 text-fg text-meta shadow-island"
          >
            {label}
            {shortcut !== undefined && <Kbd shortcut={shortcut} />}
          </Radix.Content>
        </Radix.Portal>
      </Radix.Root>
    </Radix.Provider>
  );
}
