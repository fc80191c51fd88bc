/** What a press on the canvas begins. Pure. */

/** What lies under the pointer. */
export type Hit = { kind: "node"; nodeId: string } | { kind: "wire"; wireId: string } | { kind: "nothing" };

export interface Press {
  hit: Hit;
  /** On something that answers itself: a button, a text field, a player. */
  isOnControl: boolean;
  button: "main" | "middle" | "other";
  pointer: "mouse" | "touch" | "pen";
  tool: "select" | "hand";
  /** The space bar is held down: the hand for a moment. */
  isSpaceHeld: boolean;
  /** Shift, or the platform's key for adding to a selection. */
  isAdding: boolean;
  isSelected: boolean;
  canEdit: boolean;
}

/** What goes on from the press on, and what the press selects. */
export type Begun =
  /** The stage has nothing to do with it. */
  | { kind: "none" }
  | { kind: "pan" }
  | { kind: "box"; isAdding: boolean }
  /** Drags the selection if the pointer moves far enough, and is a click if not. */
  | { kind: "node"; nodeId: string; select: "only" | "toggle" | "keep"; canDrag: boolean }
  | { kind: "wire"; wireId: string; isAdding: boolean };

export function begunBy(press: Press): Begun {
  const { hit, button, tool, isSpaceHeld } = press;
  if (button === "other") {
    return { kind: "none" };
  }
  if (button === "middle" || isSpaceHeld) {
    return { kind: "pan" };
  }
  if (tool === "hand") {
    return press.isOnControl ? { kind: "none" } : { kind: "pan" };
  }
  switch (hit.kind) {
    case "node":
      return pressedNode(press, hit.nodeId);
    case "wire":
      return press.pointer === "touch"
        ? { kind: "pan" }
        : { kind: "wire", wireId: hit.wireId, isAdding: press.isAdding };
    case "nothing":
      return press.pointer === "touch" ? { kind: "pan" } : { kind: "box", isAdding: press.isAdding };
  }
}

function pressedNode({ isOnControl, isAdding, isSelected, canEdit, pointer }: Press, nodeId: string): Begun {
  const select = isAdding ? "toggle" : isSelected ? "keep" : "only";
  if (isOnControl) {
    // What is pressed there does its work; the inspector goes along.
    return { kind: "node", nodeId, select: isSelected ? "keep" : "only", canDrag: false };
  }
  if (pointer === "touch") {
    // One finger moves the view, but for what one has chosen before.
    return isSelected && canEdit ? { kind: "node", nodeId, select: "keep", canDrag: true } : { kind: "pan" };
  }
  return { kind: "node", nodeId, select, canDrag: canEdit };
}
