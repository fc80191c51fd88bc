/** The discs where wires end, each painted once for its zoom and then copied: a card has up to six. */

import type { Brush, Sprite } from "@/canvas/scene/brush";
import { ICON_SIDE } from "@/canvas/scene/icon-paths";
import type { Card } from "@/canvas/scene/paint-media";
import { HANDLE_SIZE, handleOffset } from "@/nodes/geometry";
import type { PortType } from "@/nodes/node-type";

const ICON_PIXELS = 11;
const PADDING = 2;

const sprites = new Map<string, Sprite>();
let spritesFor = "";

export function paintHandles(brush: Brush, cards: readonly Card[]): void {
  for (const card of cards) {
    const definition = brush.index.nodes.definition[card.slot];
    if (!definition) {
      continue;
    }
    const { inputs, outputs } = wiredPorts(brush, card.slot);
    for (const [index, port] of definition.inputs.entries()) {
      paintHandle(brush, port.type, inputs.has(port.name), card.x, card.y + handleOffset(index));
    }
    if (definition.output) {
      paintHandle(brush, definition.output.type, outputs > 0, card.x + card.width, card.y + handleOffset(0));
    }
  }
}

function wiredPorts({ index: { wires } }: Brush, slot: number): { inputs: Set<string>; outputs: number } {
  const inputs = new Set<string>();
  let outputs = 0;
  for (const wire of wires.at(slot)) {
    if (wires.source[wire] === slot) {
      outputs++;
    } else {
      inputs.add(wires.wire[wire]?.target_port ?? "");
    }
  }
  return { inputs, outputs };
}

function paintHandle(brush: Brush, type: PortType, isWired: boolean, x: number, y: number): void {
  const { image, half } = spriteFor(brush, type, isWired);
  brush.context.drawImage(image, x - half, y - half, 2 * half, 2 * half);
}

function spriteFor(brush: Brush, type: PortType, isWired: boolean): Sprite {
  const scale = brush.zoom * brush.pixelRatio;
  // One zoom at a time: while zooming each frame makes its own few.
  const key = `${scale} ${brush.palette.colour.card} ${brush.icons.port.size}`;
  if (key !== spritesFor) {
    sprites.clear();
    spritesFor = key;
  }
  const name = `${type} ${isWired}`;
  const known = sprites.get(name);
  if (known) {
    return known;
  }
  const made = paintSprite(brush, type, isWired, scale);
  sprites.set(name, made);
  return made;
}

function paintSprite({ palette, icons }: Brush, type: PortType, isWired: boolean, scale: number): Sprite {
  const half = HANDLE_SIZE / 2 + PADDING;
  const side = Math.max(1, Math.ceil(2 * half * scale));
  const image = new OffscreenCanvas(side, side);
  const context = image.getContext("2d");
  const icon = icons.port.get(type);
  const colour = palette.colour[palette.flow(type)];
  if (context !== null) {
    context.scale(side / (2 * half), side / (2 * half));
    context.beginPath();
    context.arc(half, half, HANDLE_SIZE / 2 - 1, 0, 2 * Math.PI);
    context.fillStyle = isWired ? colour : palette.colour.card;
    context.fill();
    context.lineWidth = 2;
    context.strokeStyle = isWired ? palette.colour.bg : colour;
    context.stroke();
    if (icon) {
      context.translate(half - ICON_PIXELS / 2, half - ICON_PIXELS / 2);
      context.scale(ICON_PIXELS / ICON_SIDE, ICON_PIXELS / ICON_SIDE);
      context.lineWidth = 2.4;
      context.lineCap = "round";
      context.lineJoin = "round";
      context.strokeStyle = isWired ? palette.colour.bg : colour;
      context.stroke(icon);
    }
  }
  return { image, half };
}
