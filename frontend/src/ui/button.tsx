/** Buttons: one primary action on a screen, the rest quiet. */

import type { ComponentProps } from "react";
import { cn } from "@/ui/class-names";
import { Spinner } from "@/ui/spinner";

const LOOKS = {
  primary: "bg-primary text-on-primary font-medium hover:opacity-90",
  quiet: "bg-raise/60 text-fg hover:bg-raise",
  ghost: "text-mut hover:bg-raise/60 hover:text-fg",
} as const;

interface ButtonProps extends ComponentProps<"button"> {
  look?: keyof typeof LOOKS;
  /** Work goes on: shows it, and takes no second click. */
  isBusy?: boolean;
}

export function Button({ look = "quiet", isBusy = false, className, children, disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      aria-busy={isBusy || undefined}
      disabled={disabled || isBusy}
      className={cn(
        "inline-flex h-9 shrink-0 items-center justify-center gap-2 rounded-input px-3.5 text-body transition-[background-color,opacity,color] disabled:opacity-60",
        LOOKS[look],
        className,
      )}
      {...rest}
    >
      {isBusy && <Spinner />}
      {children}
    </button>
  );
}
