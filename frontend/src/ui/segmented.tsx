"use client";
/** A choice between a few values, all of them in sight. One that cannot be chosen says why. */

import { RadioGroup as Radix } from "radix-ui";
import { type ReactNode, useId } from "react";
import { cn } from "@/ui/class-names";

export interface SegmentedOption {
  value: string;
  label: string;
  /** A drawing over the label, such as the shape of a picture. */
  icon?: ReactNode;
  /** Why it cannot be chosen now; left out: it can. */
  obstacle?: string;
}

interface SegmentedProps {
  label: string;
  options: readonly SegmentedOption[];
  value: string;
  onChange: (value: string) => void;
  isDisabled?: boolean;
  /** `tiles`: each option is a field of its own, with its drawing. */
  look?: "bar" | "tiles";
  className?: string;
}

export function Segmented({
  label,
  options,
  value,
  onChange,
  isDisabled = false,
  look = "bar",
  className,
}: SegmentedProps) {
  const labelId = useId();
  const isTiles = look === "tiles";
  return (
    <div className={cn("flex min-w-0 flex-col gap-2", className)}>
      <span id={labelId} className="text-body text-mut">
        {label}
      </span>
      <Radix.Root
        aria-labelledby={labelId}
        value={value}
        onValueChange={onChange}
        disabled={isDisabled}
        className={cn(
          "flex",
          isTiles ? "gap-2" : "gap-0.5 rounded-input bg-field p-0.5 shadow-[inset_0_0_0_1px_var(--color-line)]",
        )}
      >
        {options.map((option) => (
          <Radix.Item
            key={option.value}
            value={option.value}
            disabled={isDisabled || option.obstacle !== undefined}
            title={option.obstacle}
            className={cn(
              "flex min-w-0 flex-1 flex-col items-center justify-center gap-1.5 whitespace-nowrap px-2 text-body text-mut transition-colors hover:text-fg disabled:opacity-45 disabled:hover:text-mut data-[state=checked]:text-fg",
              isTiles
                ? "h-[52px] rounded-input bg-field shadow-[inset_0_0_0_1px_var(--color-line)] data-[state=checked]:bg-raise data-[state=checked]:shadow-[inset_0_0_0_1px_var(--color-mut)]"
                : "h-8 rounded-[8px] data-[state=checked]:bg-raise data-[state=checked]:font-medium",
            )}
          >
            {option.icon}
            {option.label}
            {option.obstacle !== undefined && <span className="sr-only">({option.obstacle})</span>}
          </Radix.Item>
        ))}
      </Radix.Root>
    </div>
  );
}
