"use client";
/** A number on a line from the least to the most, with the number beside its name. */

import { Slider as Radix } from "radix-ui";
import { useId } from "react";
import { cn } from "@/ui/class-names";

interface SliderProps {
  label: string;
  value: number;
  min: number;
  max: number;
  step?: number;
  onChange: (value: number) => void;
  /** The value as people read it; the number itself unless given. */
  words?: (value: number) => string;
  isDisabled?: boolean;
  className?: string;
}

export function Slider({
  label,
  value,
  min,
  max,
  step = 1,
  onChange,
  words = String,
  isDisabled = false,
  className,
}: SliderProps) {
  const labelId = useId();
  return (
    <div className={cn("flex flex-col gap-2", className)}>
      <div className="flex items-baseline justify-between gap-3 text-body">
        <span id={labelId} className="text-mut">
          {label}
        </span>
        <span aria-hidden className="tabular-nums">
          {words(value)}
        </span>
      </div>
      <Radix.Root
        value={[value]}
        min={min}
        max={max}
        step={step}
        disabled={isDisabled}
        onValueChange={([next]) => next !== undefined && onChange(next)}
        className="relative flex h-5 touch-none select-none items-center data-[disabled]:opacity-50"
      >
        <Radix.Track className="relative h-1 grow rounded-full bg-raise">
          <Radix.Range className="absolute h-full rounded-full bg-fg" />
        </Radix.Track>
        <Radix.Thumb
          aria-labelledby={labelId}
          aria-valuetext={words(value)}
          className="block size-3.5 rounded-full bg-fg shadow-[0_1px_4px_oklch(0_0_0/40%)]"
        />
      </Radix.Root>
    </div>
  );
}
