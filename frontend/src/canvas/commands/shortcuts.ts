/** Which keys mean which command, and when keys mean nothing to the canvas. Pure but for reading the page. */

import type { Command } from "@/canvas/commands/command";

/** What of a keyboard event tells the keys. */
export type KeyPress = Pick<KeyboardEvent, "key" | "code" | "shiftKey" | "metaKey" | "ctrlKey" | "altKey">;

/** Characters that need Shift on some keyboards and not on others: only the character counts. */
const SIGNS: ReadonlySet<string> = new Set(["?", "+", "-"]);

/** Whether the keys that are pressed are those of a shortcut such as "Shift+Mod+Z". */
export function matches(shortcut: string, press: KeyPress, onMac: boolean): boolean {
  if (SIGNS.has(shortcut)) {
    return signOf(press) === shortcut && !press.metaKey && !press.ctrlKey && !press.altKey;
  }
  const keys = shortcut.split("+");
  const key = keys.at(-1);
  const wantsMod = keys.includes("Mod");
  return (
    keyOf(press) === key &&
    press.shiftKey === keys.includes("Shift") &&
    press.altKey === keys.includes("Alt") &&
    (onMac ? press.metaKey : press.ctrlKey) === wantsMod &&
    !(onMac ? press.ctrlKey : press.metaKey)
  );
}

/** The command of these keys; undefined: they are none of ours. */
export function commandForKeys(commands: readonly Command[], press: KeyPress, onMac: boolean): Command | undefined {
  return commands.find((command) => command.shortcuts.some((shortcut) => matches(shortcut, press, onMac)));
}

/** "=" is where "+" is, on the keyboards that need Shift for it. */
function signOf({ key }: KeyPress): string {
  return key === "=" ? "+" : key;
}

/** The key by what is written on it: letters in capitals; where the layout has no Latin letters, by their place. */
function keyOf({ key, code }: KeyPress): string {
  if (/^Digit\d$/.test(code)) {
    return code.slice("Digit".length); // with Shift the key is a sign that differs between layouts
  }
  if (key.length > 1) {
    return key;
  }
  const letter = key.toUpperCase();
  return /^[A-Z]$/.test(letter) || !/^Key[A-Z]$/.test(code) ? letter : code.slice("Key".length);
}

const TYPING =
  "input:not([type=checkbox],[type=radio],[type=range],[type=button]), textarea, select, [contenteditable]:not([contenteditable=false])";
/** Over these lies something that has to be dealt with first. */
const MODAL = '[role="dialog"], [role="alertdialog"], [role="menu"]';
/** Arrows, Delete and letters mean something of their own in these. */
const OWN_KEYS =
  '[role="tree"], [role="listbox"], [role="tablist"], [role="radiogroup"], [role="slider"], input, video, audio';

/** Whether somebody types a text there, or something lies over the canvas. */
export function isBusyTarget(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(`${TYPING}, ${MODAL}`) !== null;
}

/** Whether keys without Mod belong to what has the focus. */
export function hasOwnKeys(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(OWN_KEYS) !== null;
}
