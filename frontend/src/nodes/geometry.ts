/** Where things lie on a node, in canvas units from its top left corner. Pure; the DOM cards and the painted ones both keep to it. */

/** Width and height of a node, its header included. */
export interface Size {
  width: number;
  height: number;
}

/** The line above the card: icon, name, state. */
export const HEADER_HEIGHT = 32;
/** Between the card's edge and what fills it. */
export const CARD_INSET = 8;
/** The row of facts below the media. */
export const FACTS_HEIGHT = 40;
export const CARD_RADIUS = 20;
export const MEDIA_RADIUS = 14;
/** A node's edge: how far below its top it begins, and how round its corners are. */
export interface Outline {
  top: number;
  radius: number;
}
export const CARD_OUTLINE: Outline = { top: HEADER_HEIGHT, radius: CARD_RADIUS };
export const FRAME_OUTLINE: Outline = { top: HEADER_HEIGHT, radius: 24 };
export const NOTE_OUTLINE: Outline = { top: 0, radius: MEDIA_RADIUS };
/** The discs on the card's edges where wires end. */
export const HANDLE_SIZE = 20;
/** The first handle's centre below the card's top edge, and the distance to the next. */
const FIRST_HANDLE = 40;
const HANDLE_STEP = 34;

/** The height of a node of `width` whose media are 16:9. */
export function mediaNodeHeight(width: number): number {
  return HEADER_HEIGHT + CARD_INSET + Math.round(((width - 2 * CARD_INSET) * 9) / 16) + FACTS_HEIGHT;
}

/** The height of the centre of the handle that is the `index`th on its side, from the node's top. */
export function handleOffset(index: number): number {
  return HEADER_HEIGHT + FIRST_HANDLE + index * HANDLE_STEP;
}

/** A size that a person chose, no side of it smaller than `smallest` or larger than `longestSide`. */
export function sizeWithin(chosen: Size, smallest: Size, longestSide: number): Size {
  const within = (length: number, least: number) => Math.min(longestSide, Math.max(least, Math.round(length)));
  return { width: within(chosen.width, smallest.width), height: within(chosen.height, smallest.height) };
}
