/** Keys and the commands they mean. */

import { describe, expect, test } from "vitest";
import { COMMANDS } from "@/canvas/commands/registry";
import { commandForKeys, type KeyPress, matches } from "@/canvas/commands/shortcuts";

function press(key: string, changes: Partial<KeyPress> = {}): KeyPress {
  const code = /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : key;
  return { key, code, shiftKey: false, metaKey: false, ctrlKey: false, altKey: false, ...changes };
}

const idOf = (keys: KeyPress, onMac = false) => commandForKeys(COMMANDS, keys, onMac)?.id;

test.each([
  ["v", {}, "tool-select"],
  ["t", {}, "add-prompt"],
  ["m", {}, "add-video"],
  ["z", { ctrlKey: true }, "undo"],
  ["Z", { ctrlKey: true, shiftKey: true }, "redo"],
  ["y", { ctrlKey: true }, "redo"],
  ["g", { ctrlKey: true }, "group"],
  ["Enter", { ctrlKey: true }, "run-selected"],
  ["Enter", { ctrlKey: true, shiftKey: true }, "run-all"],
  ["ArrowLeft", {}, "nudge-left"],
  ["ArrowLeft", { shiftKey: true }, "nudge-left-far"],
  ["Backspace", {}, "delete"],
  ["1", { code: "Digit1" }, "zoom-100"],
  ["@", { code: "Digit2", shiftKey: true }, "zoom-selection"],
  ['"', { code: "Digit2", shiftKey: true }, "zoom-selection"],
  ["?", { code: "Slash", shiftKey: true }, "shortcuts"],
  ["?", { code: "Minus", shiftKey: true }, "shortcuts"],
  ["+", { code: "Equal", shiftKey: true }, "zoom-in"],
  ["=", { code: "Equal" }, "zoom-in"],
])("%s with %o means %s", (key, changes, id) => {
  expect(idOf(press(key, changes))).toBe(id);
});

describe("Mod", () => {
  test("is the command key on a Mac, and control elsewhere", () => {
    expect(matches("Mod+Z", press("z", { metaKey: true }), true)).toBe(true);
    expect(matches("Mod+Z", press("z", { ctrlKey: true }), true)).toBe(false);
    expect(matches("Mod+Z", press("z", { metaKey: true }), false)).toBe(false);
  });

  test("with a letter is not the letter alone", () => {
    expect(idOf(press("t", { ctrlKey: true }))).toBeUndefined();
    expect(idOf(press("v", { altKey: true }))).toBeUndefined();
  });
});

test("a layout without Latin letters goes by the places of the keys", () => {
  expect(idOf(press("я", { code: "KeyZ", ctrlKey: true }))).toBe("undo");
});

test("a Latin layout goes by what is written on the keys", () => {
  expect(idOf(press("z", { code: "KeyY", ctrlKey: true }))).toBe("undo");
});

test("no two commands have the same id or the same keys", () => {
  const ids = COMMANDS.map(({ id }) => id);
  const keys = COMMANDS.flatMap(({ shortcuts }) => shortcuts);
  expect(new Set(ids).size).toBe(ids.length);
  expect(new Set(keys).size).toBe(keys.length);
});
