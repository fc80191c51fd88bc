/** What fills cards: pictures, the fields that words stand in, and what is there in place of either. */

import { type Brush, DETAIL } from "@/canvas/scene/brush";
import type { Face } from "@/canvas/scene/faces";
import type { CardFill } from "@/canvas/scene/state-look";
import { CARD_INSET, FACTS_HEIGHT, HEADER_HEIGHT, MEDIA_RADIUS } from "@/nodes/geometry";

const MEDIA_TOP = HEADER_HEIGHT + CARD_INSET;
const PLAY_RADIUS = 23;
/** Where a picture that is too tall is cut: faces are in its upper half. */
const CUT_ABOVE = 0.35;

/** A card that is about to be painted. */
export interface Card {
  slot: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Where on a card its picture or words are. */
export function mediaBox({ x, y, width, height }: Card) {
  return {
    x: x + CARD_INSET,
    y: y + MEDIA_TOP,
    width: width - 2 * CARD_INSET,
    height: height - MEDIA_TOP - FACTS_HEIGHT,
  };
}

export function paintMedia(brush: Brush, cards: readonly Card[]): void {
  const { context, palette, faces, index } = brush;
  const faced = cards.map((card) => ({ card, face: faces.of(card.slot) }));
  const filledWith = (...kinds: CardFill["kind"][]) =>
    faced.filter(({ face }) => face !== null && kinds.includes(face.fill.kind)).map(({ card }) => card);
  traceMedia(brush, filledWith("words", "failed"));
  context.fillStyle = palette.colour.field;
  context.fill();
  traceMedia(brush, filledWith("coming"));
  context.fillStyle = palette.colour.media;
  context.fill();
  traceMedia(brush, filledWith("stopped"));
  context.fillStyle = palette.faint("warn", 0.06);
  context.fill();
  traceMedia(brush, filledWith("empty"));
  context.lineWidth = 1;
  context.strokeStyle = palette.colour["line-strong"];
  context.setLineDash([4, 4]);
  context.stroke();
  context.setLineDash([]);
  const pictured = faced.filter(({ card, face }) => paintPicture(brush, card, face)).map(({ card }) => card);
  paintCorners(brush, pictured);
  if (brush.detail >= DETAIL.titles) {
    paintPlayDiscs(
      brush,
      filledWith("picture").filter(({ slot }) => index.nodes.definition[slot]?.output?.type === "video"),
    );
  }
  paintScrims(
    brush,
    faced.filter(({ face }) => face?.state === "running").map(({ card }) => card),
  );
}

function traceMedia({ context }: Brush, cards: readonly Card[]): void {
  context.beginPath();
  for (const card of cards) {
    const { x, y, width, height } = mediaBox(card);
    context.roundRect(x, y, width, height, MEDIA_RADIUS);
  }
}

/** The card's picture, cut to cover its place; answers whether there is one. */
export function paintPicture(brush: Brush, card: Card, face: Face | null): boolean {
  const fill = face?.fill;
  const url = fill?.kind === "picture" || fill?.kind === "coming" ? fill.url : null;
  if (!fill || url === null) {
    return false;
  }
  const box = mediaBox(card);
  const copy = brush.thumbnails.find(url, box.width * brush.zoom * brush.pixelRatio);
  if (copy === null) {
    return false;
  }
  const scale = Math.max(box.width / copy.width, box.height / copy.height);
  const width = Math.min(copy.width, box.width / scale);
  const height = Math.min(copy.height, box.height / scale);
  const left = (copy.width - width) / 2;
  const top = (copy.height - height) * CUT_ABOVE;
  const { context } = brush;
  context.globalAlpha = fill.kind === "picture" ? fill.strength : 0.25;
  context.drawImage(copy.image, left, top, width, height, box.x, box.y, box.width, box.height);
  context.globalAlpha = 1;
  return true;
}

/** Round the corners of pictures by painting over them: clipping each would cost several times as much. */
function paintCorners({ context, palette }: Brush, cards: readonly Card[]): void {
  context.beginPath();
  for (const card of cards) {
    const { x, y, width, height } = mediaBox(card);
    context.rect(x - 0.5, y - 0.5, width + 1, height + 1);
    context.roundRect(x, y, width, height, MEDIA_RADIUS);
  }
  context.fillStyle = palette.colour.card;
  context.fill("evenodd");
}

/** In the middle of a video, as its player has it. */
function paintPlayDiscs({ context, palette }: Brush, cards: readonly Card[]): void {
  const middles = cards.map((card) => {
    const { x, y, width, height } = mediaBox(card);
    return { x: x + width / 2, y: y + height / 2 };
  });
  context.fillStyle = palette.colour.scrim;
  context.beginPath();
  for (const { x, y } of middles) {
    context.moveTo(x + PLAY_RADIUS, y);
    context.arc(x, y, PLAY_RADIUS, 0, 2 * Math.PI);
  }
  context.fill();
  context.fillStyle = palette.colour["on-media"];
  context.beginPath();
  for (const { x, y } of middles) {
    context.moveTo(x - 5, y - 8);
    context.lineTo(x + 9, y);
    context.lineTo(x - 5, y + 8);
    context.closePath();
  }
  context.fill();
}

/** Over what is at work: a shade below, and the bar in it. */
function paintScrims({ context, palette }: Brush, cards: readonly Card[]): void {
  for (const card of cards) {
    const { x, y, width, height } = mediaBox(card);
    context.fillStyle = palette.faint("scrim", 0.5);
    context.beginPath();
    context.roundRect(x, y + height / 2, width, height / 2, [0, 0, MEDIA_RADIUS, MEDIA_RADIUS]);
    context.fill();
    context.fillStyle = palette.faint("run", 0.5);
    context.beginPath();
    context.roundRect(x + 16, y + height - 21, width - 32, 5, 2.5);
    context.fill();
  }
}
