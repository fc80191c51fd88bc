"use client";
/** A longer text that is typed, with its name and how much room is left. */

import { type ComponentProps, type ReactNode, useId } from "react";
import { cn } from "@/ui/class-names";

interface TextAreaProps extends Omit<ComponentProps<"textarea">, "id" | "onChange" | "value"> {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** At the right of the label. */
  aside?: ReactNode;
  hint?: string;
}

/** The count is shown once it matters. */
const COUNT_FROM = 0.8;

export function TextArea({ label, value, onChange, aside, hint, maxLength, className, ...rest }: TextAreaProps) {
  const id = useId();
  const isNearEnd = maxLength !== undefined && value.length >= maxLength * COUNT_FROM;
  return (
    <div className={cn("flex flex-col gap-2", className)}>
      <div className="flex items-baseline justify-between gap-3 text-body">
        <label htmlFor={id} className="text-mut">
          {label}
        </label>
        {aside}
      </div>
      <textarea
        id={id}
        rows={3}
        value={value}
        maxLength={maxLength}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={({ target }) => onChange(target.value)}
        className="field-sizing-content max-h-60 min-h-[72px] w-full resize-none rounded-input bg-field px-3 py-2.5 text-[16px] leading-6 shadow-[inset_0_0_0_1px_var(--color-line)] [scrollbar-width:thin] placeholder:text-dim focus-visible:outline-offset-0 disabled:opacity-60 sm:text-body sm:leading-5"
        {...rest}
      />
      {hint !== undefined && (
        <p id={`${id}-hint`} className="text-dim text-meta">
          {hint}
        </p>
      )}
      {isNearEnd && (
        <p className="self-end text-dim text-meta tabular-nums">
          {value.length} / {maxLength}
        </p>
      )}
    </div>
  );
}
