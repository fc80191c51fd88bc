"use client";
/** A few views of one thing, one at a time; arrows move between them. */

import { Tabs as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "@/ui/class-names";

export interface Tab {
  id: string;
  label: string;
  content: ReactNode;
}

interface TabsProps {
  tabs: readonly Tab[];
  /** What the tabs choose between, for screen readers. */
  label: string;
  /** Given together with `onChange` where the parent decides; otherwise the first tab begins. */
  value?: string;
  onChange?: (id: string) => void;
  className?: string;
  listClassName?: string;
}

export function Tabs({ tabs, label, value, onChange, className, listClassName }: TabsProps) {
  return (
    <Radix.Root
      value={value}
      defaultValue={value === undefined ? tabs[0]?.id : undefined}
      onValueChange={onChange}
      className={cn("flex min-h-0 flex-col", className)}
    >
      <Radix.List
        aria-label={label}
        className={cn("inline-flex shrink-0 gap-0.5 self-start rounded-input bg-field p-0.5", listClassName)}
      >
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.id}
            value={tab.id}
            className="h-7 rounded-[8px] px-2.5 text-body text-mut hover:text-fg data-[state=active]:bg-raise data-[state=active]:text-fg"
          >
            {tab.label}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map((tab) => (
        <Radix.Content key={tab.id} value={tab.id} className="min-h-0 flex-1 rounded-input">
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
