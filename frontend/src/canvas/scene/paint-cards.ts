/** Nodes as cards, painted in layers over all of them so that each colour is set once. */

import { type Brush, DETAIL } from "@/canvas/scene/brush";
import { paintCardWords } from "@/canvas/scene/paint-card-words";
import { tintOf } from "@/canvas/scene/paint-ground";
import { paintHandles } from "@/canvas/scene/paint-handles";
import { type Card, paintMedia, paintPicture } from "@/canvas/scene/paint-media";
import type { Token } from "@/canvas/scene/palette";
import { CARD_RADIUS, HEADER_HEIGHT, NOTE_OUTLINE } from "@/nodes/geometry";

/** A card narrower than this, in CSS pixels, is a speck: its picture could not be told from its colour. */
const NARROWEST_PICTURE_PIXELS = 7;

/** Paint these nodes; all of them are cards or notes. */
export function paintCards(brush: Brush, slots: readonly number[]): void {
  const all = slots.map((slot) => ({ slot, ...brush.index.nodes.rectOf(slot) }));
  const isNote = ({ slot }: Card) => brush.index.nodes.definition[slot]?.Face !== undefined;
  const notes = all.filter(isNote);
  const cards = all.filter((card) => !isNote(card));
  if (brush.detail < DETAIL.shapes) {
    paintSpecks(brush, cards, notes);
    return;
  }
  paintNotes(brush, notes);
  paintBodies(brush, cards);
  paintMedia(brush, cards);
  paintCardWords(brush, cards, notes);
  if (brush.detail >= DETAIL.titles) {
    paintHandles(brush, cards);
  }
  paintRunningRims(brush, cards);
}

/** From very far: the colour of what a node puts out, and its picture as long as that is more than a dot. */
function paintSpecks(brush: Brush, cards: readonly Card[], notes: readonly Card[]): void {
  const { context, palette } = brush;
  const byColour = new Map<string, Card[]>();
  for (const card of cards) {
    const output = brush.index.nodes.definition[card.slot]?.output?.type ?? null;
    push(byColour, speckColour(brush, card.slot, palette.flow(output)), card);
  }
  for (const note of notes) {
    push(byColour, noteColour(brush, note), note);
  }
  for (const [colour, group] of byColour) {
    context.fillStyle = colour;
    context.beginPath();
    for (const { x, y, width, height } of group) {
      context.rect(x, y + HEADER_HEIGHT, width, height - HEADER_HEIGHT);
    }
    context.fill();
  }
  for (const card of cards) {
    if (card.width * brush.zoom >= NARROWEST_PICTURE_PIXELS) {
      paintPicture(brush, card, brush.faces.of(card.slot));
    }
  }
}

/** What needs a person or is at work can be seen from any distance. */
function speckColour({ palette, faces }: Brush, slot: number, flow: Token): string {
  switch (faces.stateOf(slot)) {
    case "running":
      return palette.onCard("run", 0.7);
    case "failed":
      return palette.onCard("err", 0.6);
    case "blocked":
      return palette.onCard("warn", 0.6);
    default:
      return palette.onCard(flow, 0.3);
  }
}

function paintBodies(brush: Brush, cards: readonly Card[]): void {
  const { context, palette, zoom, detail } = brush;
  if (detail >= DETAIL.titles) {
    context.fillStyle = palette.shadow;
    context.beginPath();
    for (const { x, y, width, height } of cards) {
      context.roundRect(x + 2, y + HEADER_HEIGHT + 6, width - 4, height - HEADER_HEIGHT + 2, CARD_RADIUS);
      context.roundRect(x + 8, y + HEADER_HEIGHT + 16, width - 16, height - HEADER_HEIGHT, CARD_RADIUS);
    }
    context.fill();
  }
  context.beginPath();
  for (const { x, y, width, height } of cards) {
    context.roundRect(x, y + HEADER_HEIGHT, width, height - HEADER_HEIGHT, CARD_RADIUS);
  }
  context.fillStyle = palette.colour.card;
  context.fill();
  context.lineWidth = Math.max(1, 0.8 / zoom);
  context.strokeStyle = palette.colour.line;
  context.stroke();
}

/** The border of what is at work. */
function paintRunningRims(brush: Brush, cards: readonly Card[]): void {
  const { context, palette, zoom } = brush;
  const running = cards.filter(({ slot }) => brush.faces.stateOf(slot) === "running");
  if (running.length === 0) {
    return;
  }
  context.beginPath();
  for (const { x, y, width, height } of running) {
    context.roundRect(x - 0.5, y + HEADER_HEIGHT - 0.5, width + 1, height - HEADER_HEIGHT + 1, CARD_RADIUS);
  }
  context.lineWidth = 14;
  context.strokeStyle = palette.faint("run", 0.07);
  context.stroke();
  context.lineWidth = Math.max(2, 1.4 / zoom);
  context.strokeStyle = palette.faint("run", 0.8);
  context.stroke();
}

function paintNotes(brush: Brush, notes: readonly Card[]): void {
  const { context } = brush;
  for (const note of notes) {
    context.fillStyle = noteColour(brush, note);
    context.beginPath();
    context.roundRect(note.x, note.y, note.width, note.height, NOTE_OUTLINE.radius);
    context.fill();
  }
}

function noteColour({ palette, index }: Brush, { slot }: Card): string {
  const tint = tintOf(index.nodes.node[slot]?.config);
  return tint === "panel" ? palette.colour.card : palette.onCard(tint, 0.16);
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) {
    list.push(value);
  } else {
    map.set(key, [value]);
  }
}
