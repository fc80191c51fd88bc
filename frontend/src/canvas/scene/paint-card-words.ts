/** The words on painted cards; from further away, lines where the words are. */

import { type Brush, type Context2D, DETAIL, setFont } from "@/canvas/scene/brush";
import {
  BODY_LINE,
  BODY_SIZE,
  type Face,
  MEDIA_PADDING,
  META_SIZE,
  PROMPT_LINE,
  PROMPT_SIZE,
  TITLE_LEFT,
  TITLE_SIZE,
} from "@/canvas/scene/faces";
import { ICON_SIDE } from "@/canvas/scene/icon-paths";
import { type Card, mediaBox } from "@/canvas/scene/paint-media";
import type { Token } from "@/canvas/scene/palette";
import { TONE_WORDS } from "@/canvas/scene/state-look";
import { FACTS_HEIGHT } from "@/nodes/geometry";

const HEADER_MIDDLE = 13;
const ICON_PIXELS = 16;
const CHIP_HEIGHT = 22;
const MOST_STROKES = 5;
const LETTERS_IN_LINE = 34;

export function paintCardWords(brush: Brush, cards: readonly Card[], notes: readonly Card[]): void {
  const faced = cards.flatMap((card) => {
    const face = brush.faces.of(card.slot);
    return face ? [{ card, face }] : [];
  });
  if (brush.detail >= DETAIL.titles) {
    paintHeaders(brush, faced);
  }
  const notesFaced = notes.flatMap((card) => {
    const face = brush.faces.of(card.slot);
    return face ? [{ card, face }] : [];
  });
  if (brush.detail < DETAIL.words) {
    paintStrokesForWords(brush, faced);
    return;
  }
  paintChips(brush, faced);
  paintLines(brush, faced);
  paintNoteLines(brush, notesFaced);
}

interface Faced {
  card: Card;
  face: Face;
}

function paintHeaders(brush: Brush, faced: readonly Faced[]): void {
  const { context, palette } = brush;
  context.textBaseline = "middle";
  context.textAlign = "left";
  setFont(brush, TITLE_SIZE, 500);
  context.fillStyle = palette.colour.fg;
  for (const { card, face } of faced) {
    context.fillText(face.words.title, card.x + TITLE_LEFT, card.y + HEADER_MIDDLE);
  }
  for (const { card } of faced) {
    paintTypeIcon(brush, card);
  }
  if (brush.detail >= DETAIL.words) {
    setFont(brush, META_SIZE);
    context.fillStyle = palette.colour.dim;
    for (const { card, face } of faced) {
      context.fillText(face.words.subtitle.text, card.x + face.words.subtitle.x, card.y + HEADER_MIDDLE);
    }
  }
  for (const item of faced) {
    paintMark(brush, item);
  }
}

function paintTypeIcon({ context, palette, index, icons }: Brush, { slot, x, y }: Card): void {
  const path = icons.node.get(index.nodes.node[slot]?.type ?? "");
  const output = index.nodes.definition[slot]?.output ?? null;
  if (!path) {
    return;
  }
  const scale = ICON_PIXELS / ICON_SIDE;
  context.save();
  context.translate(x + 4, y + HEADER_MIDDLE - ICON_PIXELS / 2);
  context.scale(scale, scale);
  context.lineWidth = 2;
  context.lineCap = "round";
  context.lineJoin = "round";
  context.strokeStyle = palette.colour[output === null ? "mut" : palette.flow(output.type)];
  context.stroke(path);
  context.restore();
}

/** The state at the right of the header; from further away its dot alone. */
function paintMark(brush: Brush, { card, face }: Faced): void {
  const { context, palette, detail } = brush;
  const { mark } = face;
  if (mark === null) {
    return;
  }
  const placed = face.words.mark;
  const left = card.x + placed.x;
  const middle = card.y + HEADER_MIDDLE;
  const tone = mark.tone === "plain" ? "mut" : mark.tone;
  if (mark.tone !== "ok" && detail >= DETAIL.words) {
    context.fillStyle =
      mark.tone === "plain" ? palette.faint("raise", 0.7) : palette.faint(mark.tone, mark.tone === "err" ? 0.16 : 0.14);
    context.beginPath();
    context.roundRect(left, middle - CHIP_HEIGHT / 2, placed.width, CHIP_HEIGHT, CHIP_HEIGHT / 2);
    context.fill();
  }
  if (mark.tone === "ok") {
    paintTick(brush, left + 12, middle);
  } else {
    context.fillStyle = palette.colour[tone];
    context.beginPath();
    context.arc(left + 14, middle, detail >= DETAIL.words ? 3.5 : 6, 0, 2 * Math.PI);
    context.fill();
  }
  if (detail >= DETAIL.words) {
    context.fillStyle = palette.colour[TONE_WORDS[mark.tone]];
    context.fillText(placed.text, left + 26, middle);
  }
}

function paintTick({ context, palette }: Brush, x: number, y: number): void {
  context.fillStyle = palette.faint("ok", 0.2);
  context.beginPath();
  context.arc(x, y, 8, 0, 2 * Math.PI);
  context.fill();
  context.strokeStyle = palette.colour.ok;
  context.lineWidth = 1.6;
  context.beginPath();
  context.moveTo(x - 3.4, y + 0.2);
  context.lineTo(x - 1, y + 2.6);
  context.lineTo(x + 3.4, y - 2.4);
  context.stroke();
}

function paintChips(brush: Brush, faced: readonly Faced[]): void {
  const { context, palette } = brush;
  context.fillStyle = palette.faint("raise", 0.7);
  context.beginPath();
  for (const { card, face } of faced) {
    const top = card.y + card.height - FACTS_HEIGHT / 2 - CHIP_HEIGHT / 2;
    for (const chip of face.words.chips) {
      context.roundRect(card.x + chip.x, top, chip.width, CHIP_HEIGHT, CHIP_HEIGHT / 2);
    }
  }
  context.fill();
  setFont(brush, META_SIZE);
  context.fillStyle = palette.colour.mut;
  for (const { card, face } of faced) {
    for (const chip of face.words.chips) {
      context.fillText(chip.text, card.x + chip.x + 8, card.y + card.height - FACTS_HEIGHT / 2);
    }
  }
  context.textAlign = "right";
  for (const { card, face } of faced) {
    context.fillText(face.words.aside, card.x + card.width - 14, card.y + card.height - FACTS_HEIGHT / 2);
  }
  context.textAlign = "left";
}

function paintLines(brush: Brush, faced: readonly Faced[]): void {
  const { context, palette } = brush;
  setFont(brush, PROMPT_SIZE);
  context.fillStyle = palette.colour.fg;
  for (const { card, face } of faced) {
    if (face.fill.kind === "words") {
      const box = mediaBox(card);
      for (const [line, text] of face.words.lines.entries()) {
        context.fillText(text, box.x + MEDIA_PADDING, box.y + MEDIA_PADDING + (line + 0.5) * PROMPT_LINE);
      }
    }
  }
  setFont(brush, BODY_SIZE);
  context.textAlign = "center";
  for (const { card, face } of faced) {
    if (face.fill.kind !== "words" && face.words.lines.length > 0) {
      const box = mediaBox(card);
      context.fillStyle = palette.colour[LINES_IN[face.fill.kind]];
      const top = box.y + box.height / 2 - (face.words.lines.length * BODY_LINE) / 2;
      for (const [line, text] of face.words.lines.entries()) {
        context.fillText(text, box.x + box.width / 2, top + (line + 0.5) * BODY_LINE);
      }
    }
  }
  context.textAlign = "left";
}

/** The colour of words that stand in the middle of a card. */
const LINES_IN: Record<Face["fill"]["kind"], Token> = {
  picture: "mut",
  words: "fg",
  empty: "dim",
  failed: "err-text",
  stopped: "warn",
  coming: "on-media",
};

function paintNoteLines(brush: Brush, faced: readonly Faced[]): void {
  const { context, palette } = brush;
  setFont(brush, BODY_SIZE);
  context.fillStyle = palette.colour.fg;
  for (const { card, face } of faced) {
    for (const [line, text] of face.words.lines.entries()) {
      context.fillText(text, card.x + MEDIA_PADDING, card.y + MEDIA_PADDING + (line + 0.5) * BODY_LINE);
    }
  }
}

/** Where words are too small to be read, a stroke for each line of them; from far away as many as there would be about. */
function paintStrokesForWords({ context, palette, detail }: Brush, faced: readonly Faced[]): void {
  context.fillStyle = palette.faint("mut", 0.35);
  context.beginPath();
  for (const { card, face } of faced) {
    if (face.fill.kind === "words") {
      const lines = detail >= DETAIL.titles ? face.words.lines.length : linesAbout(face.fill.words);
      traceLines(context, mediaBox(card), lines);
    }
    if (detail >= DETAIL.titles) {
      for (const chip of face.words.chips) {
        context.rect(card.x + chip.x, card.y + card.height - FACTS_HEIGHT / 2 - 5, chip.width, 10);
      }
    }
  }
  context.fill();
}

function linesAbout(words: string): number {
  return Math.min(MOST_STROKES, Math.ceil(words.length / LETTERS_IN_LINE));
}

function traceLines(context: Context2D, box: ReturnType<typeof mediaBox>, lines: number): void {
  for (let line = 0; line < lines; line++) {
    const isLast = line === lines - 1 && line > 0;
    const width = (box.width - 2 * MEDIA_PADDING) * (isLast ? 0.6 : 1);
    context.rect(box.x + MEDIA_PADDING, box.y + MEDIA_PADDING + (line + 0.3) * PROMPT_LINE, width, 7);
  }
}
