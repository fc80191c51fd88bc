/** What the keys do in the outline. Pure. */

import type { OutlineRow } from "@/canvas/outline/outline-rows";

export type OutlineAction =
  | { kind: "go"; nodeId: string }
  | { kind: "open" | "close" | "show" | "toggle" | "delete" | "rename" | "menu"; nodeId: string }
  | { kind: "filter"; character: string }
  | { kind: "leave" };

interface Press {
  key: string;
  shiftKey: boolean;
  /** Control, command or alt is held: these keys are not the outline's. */
  hasModifier: boolean;
}

/** So many rows fit on what one sees, for the keys that turn pages. */
export function actionOf(
  { key, shiftKey, hasModifier }: Press,
  rows: readonly OutlineRow[],
  activeIndex: number,
  rowsOnPage: number,
): OutlineAction | null {
  if (hasModifier) {
    return null;
  }
  if (key === "Escape") {
    return { kind: "leave" };
  }
  const row = rows[activeIndex];
  if (!row) {
    return isCharacter(key) ? { kind: "filter", character: key } : null;
  }
  const target = destination(key, rows, activeIndex, rowsOnPage);
  if (target) {
    return { kind: "go", nodeId: target.nodeId };
  }
  return rowAction(key, shiftKey, row);
}

function rowAction(key: string, shiftKey: boolean, { nodeId, isOpen }: OutlineRow): OutlineAction | null {
  switch (key) {
    case "Enter":
      return { kind: "show", nodeId };
    case " ":
      return { kind: "toggle", nodeId };
    case "Delete":
    case "Backspace":
      return { kind: "delete", nodeId };
    case "F2":
      return { kind: "rename", nodeId };
    case "ContextMenu":
      return { kind: "menu", nodeId };
    case "F10":
      return shiftKey ? { kind: "menu", nodeId } : null;
    case "ArrowRight":
      return isOpen === false ? { kind: "open", nodeId } : null;
    case "ArrowLeft":
      return isOpen ? { kind: "close", nodeId } : null;
    default:
      return isCharacter(key) ? { kind: "filter", character: key } : null;
  }
}

/** The row that a key goes to; undefined: the key goes nowhere. */
function destination(
  key: string,
  rows: readonly OutlineRow[],
  activeIndex: number,
  rowsOnPage: number,
): OutlineRow | undefined {
  const row = rows[activeIndex];
  const last = rows.length - 1;
  switch (key) {
    case "ArrowDown":
      return rows[Math.min(last, activeIndex + 1)];
    case "ArrowUp":
      return rows[Math.max(0, activeIndex - 1)];
    case "PageDown":
      return rows[Math.min(last, activeIndex + rowsOnPage)];
    case "PageUp":
      return rows[Math.max(0, activeIndex - rowsOnPage)];
    case "Home":
      return rows[0];
    case "End":
      return rows[last];
    case "ArrowRight":
      return row?.isOpen ? rows[activeIndex + 1] : undefined;
    case "ArrowLeft":
      return row?.isOpen ? undefined : rows.find(({ nodeId }) => nodeId === row?.parentId);
    default:
      return undefined;
  }
}

function isCharacter(key: string): boolean {
  return key.length === 1 && key !== " " && key !== "?";
}
