"use client";
/** A whole number that is typed, or none. What does not fit stays in sight with the reason, and is not handed on. */

import { type ReactNode, useEffect, useId, useState } from "react";
import { cn } from "@/ui/class-names";

interface NumberFieldProps {
  label: string;
  value: number | null;
  min: number;
  max: number;
  /** Called with what fits, or with null where the field is empty. */
  onChange: (value: number | null) => void;
  /** What an empty field means. */
  placeholder?: string;
  /** Buttons inside the field, at its right. */
  actions?: ReactNode;
  isDisabled?: boolean;
  className?: string;
}

export function NumberField({
  label,
  value,
  min,
  max,
  onChange,
  placeholder,
  actions,
  isDisabled,
  className,
}: NumberFieldProps) {
  const id = useId();
  const [typed, setTyped] = useState(() => wordsOf(value));
  useEffect(() => {
    // Somebody else, or a button, changed it: what is typed here gives way, unless it means the same.
    setTyped((now) => (readNumber(now, min, max) === value ? now : wordsOf(value)));
  }, [value, min, max]);
  const isWrong = readNumber(typed, min, max) === undefined;
  return (
    <div className={cn("flex flex-col gap-2", className)}>
      <label htmlFor={id} className="text-body text-mut">
        {label}
      </label>
      <div className="flex h-10 items-center gap-1 rounded-input bg-field pr-1 pl-3 shadow-[inset_0_0_0_1px_var(--color-line)] focus-within:outline-2 focus-within:outline-fg">
        <input
          id={id}
          inputMode="numeric"
          autoComplete="off"
          value={typed}
          placeholder={placeholder}
          disabled={isDisabled}
          aria-invalid={isWrong || undefined}
          aria-describedby={isWrong ? `${id}-fault` : undefined}
          onChange={({ target }) => {
            setTyped(target.value);
            const read = readNumber(target.value, min, max);
            if (read !== undefined && read !== value) {
              onChange(read);
            }
          }}
          className="h-full w-full min-w-0 bg-transparent font-mono text-[16px] outline-none placeholder:font-sans placeholder:text-dim sm:text-body"
        />
        {actions}
      </div>
      {isWrong && (
        <p id={`${id}-fault`} className="text-err-text text-meta">
          A whole number from {min} to {max}, or nothing.
        </p>
      )}
    </div>
  );
}

function wordsOf(value: number | null): string {
  return value === null ? "" : String(value);
}

/** The number in a text; null: it is empty; undefined: it is no number that fits. */
export function readNumber(text: string, min: number, max: number): number | null | undefined {
  const trimmed = text.trim();
  if (trimmed === "") {
    return null;
  }
  const number = Number(trimmed);
  return /^\d+$/.test(trimmed) && number >= min && number <= max ? number : undefined;
}
