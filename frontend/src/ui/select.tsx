"use client";
/** One of several things, each with a line of explanation; closed it shows the chosen one. */

import { Check, ChevronDown } from "lucide-react";
import { Select as Radix } from "radix-ui";
import { type ReactNode, useId } from "react";
import { cn } from "@/ui/class-names";

export interface SelectOption {
  value: string;
  title: string;
  /** A second line in the list. */
  description?: string;
  /** The second line where it is the chosen one: there is less room. */
  summary?: string;
  /** At the right of the title: a price, for example. */
  aside?: string;
}

interface SelectProps {
  label: string;
  options: readonly SelectOption[];
  value: string;
  onChange: (value: string) => void;
  /** A mark before the chosen one. */
  icon?: ReactNode;
  isDisabled?: boolean;
  className?: string;
}

export function Select({ label, options, value, onChange, icon, isDisabled = false, className }: SelectProps) {
  const labelId = useId();
  const chosen = options.find((option) => option.value === value);
  return (
    <div className={cn("flex min-w-0 flex-col gap-2", className)}>
      <span id={labelId} className="text-body text-mut">
        {label}
      </span>
      <Radix.Root value={value} onValueChange={onChange} disabled={isDisabled}>
        <Radix.Trigger
          aria-labelledby={`${labelId} ${labelId}-value`}
          className="flex min-h-10 w-full items-center gap-3 rounded-input bg-field px-3 py-2 text-left shadow-[inset_0_0_0_1px_var(--color-line)] disabled:opacity-60"
        >
          {icon}
          <span id={`${labelId}-value`} className="flex min-w-0 flex-1 flex-col">
            <Radix.Value>
              <span className="block truncate font-medium text-body">{chosen?.title ?? value}</span>
            </Radix.Value>
            {chosen?.summary !== undefined && <span className="truncate text-meta text-mut">{chosen.summary}</span>}
          </span>
          <ChevronDown aria-hidden className="size-4 shrink-0 text-mut" />
        </Radix.Trigger>
        <Radix.Portal>
          <Radix.Content
            position="popper"
            sideOffset={6}
            collisionPadding={12}
            className="z-50 max-h-[var(--radix-select-content-available-height)] w-[max(var(--radix-select-trigger-width),280px)] animate-appear overflow-hidden rounded-media bg-panel p-1.5 text-fg shadow-island"
          >
            <Radix.Viewport>
              {options.map((option) => (
                <Option key={option.value} option={option} />
              ))}
            </Radix.Viewport>
          </Radix.Content>
        </Radix.Portal>
      </Radix.Root>
    </div>
  );
}

function Option({ option }: { option: SelectOption }) {
  return (
    <Radix.Item
      value={option.value}
      className="flex cursor-default select-none items-start gap-2 rounded-[8px] px-2 py-2 outline-none data-[highlighted]:bg-raise [&>span:last-child]:min-w-0 [&>span:last-child]:flex-1"
    >
      <span className="grid size-5 shrink-0 place-items-center">
        <Radix.ItemIndicator>
          <Check aria-hidden className="size-3.5" />
        </Radix.ItemIndicator>
      </span>
      {/* All of it is the option's name: what is read out is what is seen. */}
      <Radix.ItemText>
        <span className="flex min-w-0 flex-1 flex-col">
          <span className="flex items-baseline justify-between gap-3 text-body">
            {option.title}
            {option.aside !== undefined && (
              <span className="shrink-0 text-meta text-mut tabular-nums">{option.aside}</span>
            )}
          </span>
          {option.description !== undefined && <span className="text-meta text-mut">{option.description}</span>}
        </span>
      </Radix.ItemText>
    </Radix.Item>
  );
}
