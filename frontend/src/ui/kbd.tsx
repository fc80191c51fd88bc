/** Keys as they stand on the keyboard in front of the person: "Mod+K" is ⌘K on a Mac and Ctrl+K elsewhere. */

import { cn } from "@/ui/class-names";

const ON_MAC: Readonly<Record<string, string>> = {
  Mod: "⌘",
  Shift: "⇧",
  Alt: "⌥",
  Enter: "↵",
  Delete: "⌫",
  Backspace: "⌫",
};
const ELSEWHERE: Readonly<Record<string, string>> = { Mod: "Ctrl", Enter: "Enter", Delete: "Del" };
const EVERYWHERE: Readonly<Record<string, string>> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
};

/** Whether this page is on a system whose shortcuts use the command key. False where there is no browser. */
export function isMac(): boolean {
  return typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.userAgent);
}

/** The keys of a shortcut such as "Shift+Mod+Enter", each as it is written on the keyboard. */
export function keyNames(shortcut: string, onMac: boolean): string[] {
  const names = onMac ? ON_MAC : ELSEWHERE;
  const keys = shortcut === "+" ? ["+"] : shortcut.split("+");
  return keys.map((key) => names[key] ?? EVERYWHERE[key] ?? key);
}

/** A shortcut as one text: "⇧⌘Z", "Ctrl+Shift+Z". */
export function shortcutWords(shortcut: string, onMac: boolean): string {
  return keyNames(shortcut, onMac).join(onMac ? "" : "+");
}

interface KbdProps {
  /** Keys joined by "+": "Mod+K", "Shift+2", "ArrowUp". */
  shortcut: string;
  className?: string;
}

export function Kbd({ shortcut, className }: KbdProps) {
  return (
    <kbd className={cn("inline-flex shrink-0 items-center gap-0.5 font-sans text-meta text-dim", className)}>
      {keyNames(shortcut, isMac()).map((name) => (
        <span
          key={name}
          className="grid h-[18px] min-w-[18px] place-items-center rounded-[5px] bg-raise/70 px-1 text-mut leading-none"
        >
          {name}
        </span>
      ))}
    </kbd>
  );
}
