/** The studio's colours as the canvas paints them: read from the stylesheet's tokens, so that light and dark are decided there. */

import type { PortType } from "@/nodes/node-type";

/** What of the stylesheet's tokens painting needs, by their names there. */
const TOKENS = [
  "bg",
  "panel",
  "card",
  "field",
  "raise",
  "line",
  "line-strong",
  "dot",
  "fg",
  "mut",
  "dim",
  "primary",
  "scrim",
  "media",
  "on-media",
  "type-text",
  "type-image",
  "type-video",
  "type-audio",
  "ok",
  "run",
  "warn",
  "err",
  "err-text",
] as const;
export type Token = (typeof TOKENS)[number];

type Channels = readonly [red: number, green: number, blue: number, alpha: number];

/** Turns a colour as the stylesheet has it into its channels: 0 to 255, the last 0 to 1. */
export type ReadColour = (css: string) => Channels;

export interface Palette {
  colour: Readonly<Record<Token, string>>;
  /** A token with this share of its strength, as in `bg-run/14`. */
  faint(token: Token, share: number): string;
  /** `share` of a token in the colour of a card, opaque. */
  onCard(token: Token, share: number): string;
  /** What flows through a wire; null: nobody knows. */
  flow(type: PortType | null): Token;
  /** The shadow under a card. */
  shadow: string;
}

/** The palette of a stylesheet. A token that it lacks is the colour of words: visible in any case. */
export function paletteOf(tokenValue: (name: string) => string, read: ReadColour): Palette {
  const channels = (token: Token): Channels =>
    read(tokenValue(`--color-${token}`) || tokenValue("--color-fg") || "gray");
  const known = new Map<Token, Channels>(TOKENS.map((token) => [token, channels(token)]));
  const of = (token: Token): Channels => known.get(token) ?? [128, 128, 128, 1];
  const made = new Map<string, string>();
  const remembered = (key: string, make: () => string): string => {
    const found = made.get(key) ?? make();
    made.set(key, found);
    return found;
  };
  const isDark = luminance(of("bg")) < 0.5;
  return {
    colour: Object.fromEntries(TOKENS.map((token) => [token, written(of(token))])) as Record<Token, string>,
    faint: (token, share) =>
      remembered(`${token} ${share}`, () => {
        const [red, green, blue, alpha] = of(token);
        return written([red, green, blue, alpha * share]);
      }),
    onCard: (token, share) =>
      remembered(`${token} on card ${share}`, () => written(mixed(of(token), of("card"), share))),
    flow: (type) => (type === null ? "dim" : FLOW[type]),
    shadow: isDark ? "rgba(0, 0, 0, 0.12)" : "rgba(0, 0, 0, 0.035)",
  };
}

const FLOW: Record<PortType, Token> = { text: "type-text", image: "type-image", video: "type-video" };

function mixed(a: Channels, b: Channels, share: number): Channels {
  const channel = (index: 0 | 1 | 2) => Math.round(a[index] * share + b[index] * (1 - share));
  return [channel(0), channel(1), channel(2), 1];
}

function written([red, green, blue, alpha]: Channels): string {
  return alpha >= 1 ? `rgb(${red}, ${green}, ${blue})` : `rgba(${red}, ${green}, ${blue}, ${Number(alpha.toFixed(3))})`;
}

function luminance([red, green, blue]: Channels): number {
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}

/** Reads colours by painting them: the browser knows every notation. */
export function createColourReader(): ReadColour {
  const canvas = new OffscreenCanvas(1, 1);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return (css) => {
    if (context === null) {
      return [128, 128, 128, 1];
    }
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = css.trim();
    context.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0, alpha = 255] = context.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
}

/** The page's palette now, and again whenever it turns light or dark; returns how to end it. */
export function watchPalette(onPalette: (palette: Palette) => void): () => void {
  const read = createColourReader();
  const tell = () => {
    const style = getComputedStyle(document.documentElement);
    onPalette(paletteOf((name) => style.getPropertyValue(name), read));
  };
  tell();
  const scheme = window.matchMedia("(prefers-color-scheme: light)");
  scheme.addEventListener("change", tell);
  // Or a person chooses, which is written on the page's root.
  const choosing = new MutationObserver(tell);
  choosing.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "class"] });
  return () => {
    scheme.removeEventListener("change", tell);
    choosing.disconnect();
  };
}
