"use client";
/** Menus, from one list of items: under a button, at a point, or by the secondary button over something. */

import { Check, ChevronRight, type LucideIcon } from "lucide-react";
import { DropdownMenu as Radix, ContextMenu as RadixContext } from "radix-ui";
import { type ReactNode, useLayoutEffect, useRef } from "react";
import { cn } from "@/ui/class-names";
import { Kbd } from "@/ui/kbd";

export type MenuItem =
  | {
      kind: "action";
      label: string;
      onSelect: () => void;
      icon?: LucideIcon;
      /** Colour of the icon, as a class: a node's type, say. */
      iconClassName?: string;
      shortcut?: string;
      /** What it means, in a second line. */
      hint?: string;
      isDisabled?: boolean;
      /** It destroys something. */
      isDangerous?: boolean;
      /** A choice that is made. */
      isChecked?: boolean;
    }
  | { kind: "submenu"; label: string; icon?: LucideIcon; items: readonly MenuItem[] }
  | { kind: "heading"; label: string }
  | { kind: "separator" };

const SURFACE =
  "z-50 max-h-[var(--radix-popper-available-height)] min-w-[200px] max-w-[320px] animate-appear overflow-y-auto rounded-media bg-panel p-1.5 text-body text-fg shadow-island";
const ITEM =
  "flex min-h-8 cursor-default select-none items-center gap-2.5 rounded-[8px] px-2 py-1 outline-none data-[highlighted]:bg-raise data-[state=open]:bg-raise data-[disabled]:opacity-50";

interface MenuProps {
  items: readonly MenuItem[];
  /** The button that opens it. */
  children: ReactNode;
  side?: "top" | "right" | "bottom" | "left";
  align?: "start" | "center" | "end";
}

/** A menu under a button. `children` is that button; it gets the attributes of a menu's opener. */
export function Menu({ items, children, side = "bottom", align = "start" }: MenuProps) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          side={side}
          align={align}
          sideOffset={8}
          collisionPadding={12}
          className={SURFACE}
          onCloseAutoFocus={(event) => isFocusTaken() && event.preventDefault()}
        >
          <Items items={items} parts={Radix} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Whether somebody has the focus already: an item that was chosen may have opened a dialog, from which it must not be taken. */
function isFocusTaken(): boolean {
  return document.activeElement !== null && document.activeElement !== document.body;
}

interface MenuAtPointProps {
  items: readonly MenuItem[];
  /** What the menu is about, for screen readers. */
  label: string;
  /** Where, in pixels of the window; null: closed. */
  at: { x: number; y: number } | null;
  onClose: () => void;
}

/** A menu at a point of the window, opened by other means than a button: a right click that somebody else has heard. */
export function MenuAtPoint({ items, label, at, onClose }: MenuAtPointProps) {
  const focusedBefore = useRef<Element | null>(null);
  const isOpen = at !== null;
  useLayoutEffect(() => {
    if (isOpen) {
      focusedBefore.current = document.activeElement; // the menu takes the focus only later, in an effect
    }
  }, [isOpen]);
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => !open && onClose()} modal={false}>
      <Radix.Trigger asChild>
        <span aria-hidden className="pointer-events-none fixed size-0" style={{ left: at?.x ?? 0, top: at?.y ?? 0 }} />
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          // Named by itself: its opener is no button that could name it.
          aria-labelledby={undefined}
          aria-label={label}
          align="start"
          sideOffset={0}
          collisionPadding={12}
          className={SURFACE}
          onCloseAutoFocus={(event) => {
            event.preventDefault(); // the opener is a mere point
            if (!isFocusTaken() && focusedBefore.current instanceof HTMLElement) {
              focusedBefore.current.focus({ preventScroll: true });
            }
          }}
        >
          <Items items={items} parts={Radix} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface ContextMenuProps {
  items: readonly MenuItem[];
  /** What the menu belongs to: one element. */
  children: ReactNode;
}

/** A menu by the secondary button (or a long touch) over `children`. */
export function ContextMenu({ items, children }: ContextMenuProps) {
  return (
    <RadixContext.Root modal={false}>
      <RadixContext.Trigger asChild>{children}</RadixContext.Trigger>
      <RadixContext.Portal>
        <RadixContext.Content collisionPadding={12} className={SURFACE}>
          <Items items={items} parts={RadixContext} />
        </RadixContext.Content>
      </RadixContext.Portal>
    </RadixContext.Root>
  );
}

/** The parts of a dropdown and of a context menu are alike. */
type Parts = typeof Radix | typeof RadixContext;

function Items({ items, parts }: { items: readonly MenuItem[]; parts: Parts }) {
  // biome-ignore-start lint/suspicious/noArrayIndexKey: items have no identity but their place; two separators are alike.
  return items.map((item, index) => <Item key={`${index}-${item.kind}`} item={item} parts={parts} />);
  // biome-ignore-end lint/suspicious/noArrayIndexKey: see above.
}

function Item({ item, parts }: { item: MenuItem; parts: Parts }) {
  switch (item.kind) {
    case "separator":
      return <parts.Separator className="mx-1 my-1.5 h-px bg-line" />;
    case "heading":
      return <parts.Label className="px-2 py-1.5 text-dim text-meta">{item.label}</parts.Label>;
    case "submenu":
      return (
        <parts.Sub>
          <parts.SubTrigger className={ITEM}>
            {item.icon && <item.icon aria-hidden className="size-4 text-mut" />}
            <span className="flex-1">{item.label}</span>
            <ChevronRight aria-hidden className="size-3.5 text-dim" />
          </parts.SubTrigger>
          <parts.Portal>
            <parts.SubContent collisionPadding={12} sideOffset={6} className={SURFACE}>
              <Items items={item.items} parts={parts} />
            </parts.SubContent>
          </parts.Portal>
        </parts.Sub>
      );
    case "action":
      return <Action item={item} parts={parts} />;
  }
}

function Action({ item, parts }: { item: Extract<MenuItem, { kind: "action" }>; parts: Parts }) {
  const className = cn(ITEM, item.isDangerous && "text-err-text");
  const content = (
    <>
      {item.icon && (
        <item.icon aria-hidden className={cn("size-4 shrink-0", !item.isDangerous && "text-mut", item.iconClassName)} />
      )}
      <span className="flex min-w-0 flex-1 flex-col">
        <span className="truncate">{item.label}</span>
        {item.hint !== undefined && <span className="text-dim text-meta">{item.hint}</span>}
      </span>
      {item.shortcut !== undefined && <Kbd shortcut={item.shortcut} />}
    </>
  );
  if (item.isChecked !== undefined) {
    return (
      <parts.CheckboxItem
        checked={item.isChecked}
        disabled={item.isDisabled}
        onSelect={item.onSelect}
        className={className}
      >
        {content}
        <parts.ItemIndicator>
          <Check aria-hidden className="size-3.5" />
        </parts.ItemIndicator>
      </parts.CheckboxItem>
    );
  }
  return (
    <parts.Item disabled={item.isDisabled} onSelect={item.onSelect} className={className}>
      {content}
    </parts.Item>
  );
}
