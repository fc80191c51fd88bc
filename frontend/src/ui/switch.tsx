"use client";
/** Something that is on or off. */

import { Switch as Radix } from "radix-ui";
import { useId } from "react";
import { cn } from "@/ui/class-names";

interface SwitchProps {
  label: string;
  hint?: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  isDisabled?: boolean;
  className?: string;
}

export function Switch({ label, hint, isOn, onChange, isDisabled = false, className }: SwitchProps) {
  const id = useId();
  return (
    <div className={cn("flex items-center justify-between gap-3", className)}>
      <div className="min-w-0">
        <label htmlFor={id} className="text-body text-mut">
          {label}
        </label>
        {hint !== undefined && (
          <p id={`${id}-hint`} className="text-dim text-meta">
            {hint}
          </p>
        )}
      </div>
      <Radix.Root
        id={id}
        checked={isOn}
        onCheckedChange={onChange}
        disabled={isDisabled}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        className="h-5 w-9 shrink-0 rounded-full bg-raise p-0.5 shadow-[inset_0_0_0_1px_var(--color-line-strong)] transition-colors disabled:opacity-50 data-[state=checked]:bg-primary"
      >
        <Radix.Thumb className="block size-4 rounded-full bg-mut transition-transform data-[state=checked]:translate-x-4 data-[state=checked]:bg-on-primary" />
      </Radix.Root>
    </div>
  );
}
