/** Buttons that lie over a picture or a video. */

import type { ComponentProps, ReactNode } from "react";
import { cn } from "@/ui/class-names";
import { Spinner } from "@/ui/spinner";

interface MediaButtonProps extends ComponentProps<"button"> {
  /** What it does; where it has no words, its name. */
  label: string;
  icon: ReactNode;
  /** Show the label beside the icon. */
  hasWords?: boolean;
  isBusy?: boolean;
}

export function MediaButton({
  label,
  icon,
  hasWords = false,
  isBusy = false,
  className,
  disabled,
  ...rest
}: MediaButtonProps) {
  return (
    <button
      type="button"
      aria-label={hasWords ? undefined : label}
      // The browser's own tooltip: a card has several of these, and the canvas many cards.
      title={hasWords ? undefined : label}
      aria-busy={isBusy || undefined}
      disabled={disabled || isBusy}
      className={cn(
        "nodrag nopan inline-flex h-7 min-w-7 items-center justify-center gap-1.5 rounded-[9px] bg-scrim text-meta shadow-[inset_0_0_0_1px_color-mix(in_oklab,var(--color-on-media)_14%,transparent)] text-on-media transition-colors hover:bg-media focus-visible:outline-on-media disabled:opacity-60 [&_svg]:size-3.5",
        hasWords && "px-2.5",
        className,
      )}
      {...rest}
    >
      {isBusy ? <Spinner /> : icon}
      {hasWords && label}
    </button>
  );
}

/** At the top right of the media, while the pointer or the focus is on the card; always where nothing can hover. */
export function HoverActions({ children }: { children: ReactNode }) {
  return (
    <div className="absolute top-2 right-2 z-10 flex gap-1.5 opacity-0 transition-opacity focus-within:opacity-100 group-focus-within/card:opacity-100 group-hover/card:opacity-100 [@media(hover:none)]:opacity-100">
      {children}
    </div>
  );
}
