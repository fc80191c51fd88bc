"use client";
/** A field and a list below it: typing narrows the list, arrows choose, Enter takes. For palettes and pickers. */

import { Command as Cmdk } from "cmdk";
import { type LucideIcon, Search } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "@/ui/class-names";
import { Kbd } from "@/ui/kbd";

export interface Choice {
  id: string;
  label: string;
  icon: LucideIcon;
  iconClassName?: string;
  /** More of it, in a second line. */
  hint?: string | null;
  shortcut?: string;
  onChoose: () => void;
}

export interface ChoiceGroup {
  heading: string;
  choices: readonly Choice[];
}

interface ChoiceListProps {
  /** What is chosen, for screen readers. */
  label: string;
  placeholder: string;
  query: string;
  onQuery: (query: string) => void;
  /** Narrowed already. */
  groups: readonly ChoiceGroup[];
  /** Stands where nothing is found. */
  empty: ReactNode;
  className?: string;
}

export function ChoiceList({ label, placeholder, query, onQuery, groups, empty, className }: ChoiceListProps) {
  const filled = groups.filter(({ choices }) => choices.length > 0);
  return (
    <Cmdk label={label} shouldFilter={false} loop className={cn("flex min-h-0 flex-col", className)}>
      <div className="flex h-12 shrink-0 items-center gap-2.5 border-line border-b px-4">
        <Search aria-hidden className="size-4 shrink-0 text-dim" />
        <Cmdk.Input
          value={query}
          onValueChange={onQuery}
          placeholder={placeholder}
          aria-label={label}
          // Palettes are opened to type in them.
          autoFocus
          className="h-full min-w-0 flex-1 bg-transparent text-[16px] text-fg outline-none placeholder:text-dim sm:text-title sm:font-normal"
        />
      </div>
      {/* Beside the list: a list box holds nothing but what can be chosen. */}
      {filled.length === 0 && (
        <div role="status" className="px-4 pt-7 pb-4 text-center text-mut">
          {empty}
        </div>
      )}
      <Cmdk.List label={label} className="min-h-0 flex-1 overflow-y-auto p-1.5 [scrollbar-width:thin]">
        {filled.map(({ heading, choices }) => (
          <Cmdk.Group
            key={heading}
            heading={heading}
            className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-dim [&_[cmdk-group-heading]]:text-meta"
          >
            {choices.map((choice) => (
              <ChoiceRow key={choice.id} choice={choice} />
            ))}
          </Cmdk.Group>
        ))}
      </Cmdk.List>
    </Cmdk>
  );
}

function ChoiceRow({ choice }: { choice: Choice }) {
  const { id, label, icon: Icon, iconClassName, hint, shortcut, onChoose } = choice;
  return (
    <Cmdk.Item
      value={id}
      onSelect={onChoose}
      className="flex min-h-9 cursor-default items-center gap-2.5 rounded-[8px] px-2.5 py-1.5 data-[selected=true]:bg-raise"
    >
      <Icon aria-hidden className={cn("size-4 shrink-0 text-mut", iconClassName)} />
      <span className="flex min-w-0 flex-1 flex-col">
        <span className="truncate">{label}</span>
        {hint && <span className="truncate text-meta text-mut">{hint}</span>}
      </span>
      {shortcut !== undefined && <Kbd shortcut={shortcut} />}
    </Cmdk.Item>
  );
}
