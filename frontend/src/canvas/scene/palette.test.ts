/** The colours of the stylesheet as painting uses them. */

import { expect, test } from "vitest";
import { paletteOf, type ReadColour } from "@/canvas/scene/palette";

const COLOURS: Record<string, ReturnType<ReadColour>> = {
  black: [0, 0, 0, 1],
  white: [255, 255, 255, 1],
  veil: [255, 255, 255, 0.08],
  teal: [0, 200, 200, 1],
};
const read: ReadColour = (css) => COLOURS[css] ?? [1, 2, 3, 1];
const tokens: Record<string, string> = {
  "--color-bg": "black",
  "--color-card": "black",
  "--color-fg": "white",
  "--color-line": "veil",
  "--color-type-video": "teal",
};
const palette = paletteOf((name) => tokens[name] ?? "", read);

test("tokens keep their own transparency", () => {
  expect(palette.colour.line).toBe("rgba(255, 255, 255, 0.08)");
  expect(palette.faint("line", 0.5)).toBe("rgba(255, 255, 255, 0.04)");
});

test("a share of a colour on a card is opaque", () => {
  expect(palette.onCard("type-video", 0.5)).toBe("rgb(0, 100, 100)");
});

test("a token that the stylesheet lacks is as visible as words are", () => {
  expect(palette.colour.run).toBe("rgb(255, 255, 255)");
});

test("what flows has its type's colour, and what nobody knows the faintest of words", () => {
  expect(palette.flow("video")).toBe("type-video");
  expect(palette.flow(null)).toBe("dim");
});
