"use client";
/** A window over the page that has to be dealt with: it holds the focus, and Escape or its cross close it. */

import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "@/ui/class-names";

interface DialogProps {
  title: string;
  /** One sentence under the title; read out with it. */
  description?: string;
  children: ReactNode;
  isOpen: boolean;
  onClose: () => void;
  /** Classes of the window: its width, above all. */
  className?: string;
}

export function Dialog({ title, description, children, isOpen, onClose, className }: DialogProps) {
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-50 animate-appear bg-scrim" />
        <Radix.Content
          {...(description === undefined ? { "aria-describedby": undefined } : {})}
          className={cn(
            "-translate-x-1/2 -translate-y-1/2 fixed top-1/2 left-1/2 z-50 max-h-[min(85dvh,820px)] w-[min(480px,calc(100vw-32px))] overflow-y-auto rounded-island bg-panel text-fg shadow-island",
            className,
          )}
        >
          <header className="sticky top-0 z-10 flex items-start gap-3 bg-panel px-5 pt-5 pb-3">
            <div className="flex min-w-0 flex-1 flex-col gap-1">
              <Radix.Title className="text-title">{title}</Radix.Title>
              {description !== undefined && (
                <Radix.Description className="text-body text-mut">{description}</Radix.Description>
              )}
            </div>
            <Radix.Close
              aria-label="Close"
              className="-mt-1 -mr-1 grid size-8 shrink-0 place-items-center rounded-input text-mut hover:bg-raise/60 hover:text-fg"
            >
              <X aria-hidden className="size-4" />
            </Radix.Close>
          </header>
          <div className="px-5 pb-5">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
