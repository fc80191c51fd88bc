"use client";
/** The menu of the secondary button, over a node, a wire or the canvas itself. */

import type { ClientPoint } from "@/canvas/canvas-view";
import type { CommandContext } from "@/canvas/commands/command";
import { canvasMenu, nodeMenu, wireMenu } from "@/canvas/commands/use-commands";
import type { MenuTarget } from "@/canvas/scene/stage-props";
import { MenuAtPoint, type MenuItem } from "@/ui/menu";

interface CanvasMenuProps {
  context: CommandContext;
  client: ClientPoint;
  target: MenuTarget;
  onClose: () => void;
}

export function CanvasMenu({ context, client: { clientX, clientY }, target, onClose }: CanvasMenuProps) {
  return (
    <MenuAtPoint
      label="Canvas menu"
      at={{ x: clientX, y: clientY }}
      items={itemsFor(context, target)}
      onClose={onClose}
    />
  );
}

function itemsFor(context: CommandContext, target: MenuTarget): MenuItem[] {
  switch (target.kind) {
    case "node":
      return nodeMenu(context);
    case "wire":
      return wireMenu(context);
    case "canvas":
      return canvasMenu(context);
  }
}
