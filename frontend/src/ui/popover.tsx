"use client";
/** A small panel beside the button that opens it; Escape or a click elsewhere closes it. */

import { Popover as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "@/ui/class-names";

interface PopoverProps {
  /** The button that opens it; it gets the attributes of an opener. */
  trigger: ReactNode;
  /** What the panel is about, for screen readers. */
  label: string;
  children: ReactNode;
  /** Given together with `onOpenChange` where the parent decides; otherwise it decides itself. */
  isOpen?: boolean;
  onOpenChange?: (isOpen: boolean) => void;
  side?: "top" | "right" | "bottom" | "left";
  align?: "start" | "center" | "end";
  className?: string;
}

export function Popover({
  trigger,
  label,
  children,
  isOpen,
  onOpenChange,
  side = "bottom",
  align = "start",
  className,
}: PopoverProps) {
  return (
    <Radix.Root open={isOpen} onOpenChange={onOpenChange}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          aria-label={label}
          side={side}
          align={align}
          sideOffset={8}
          collisionPadding={12}
          className={cn(
            "z-50 max-h-[var(--radix-popper-available-height)] w-[300px] animate-appear overflow-y-auto rounded-media bg-panel p-3 text-body text-fg shadow-island",
            className,
          )}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
