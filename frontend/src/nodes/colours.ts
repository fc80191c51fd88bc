/** The colours that frames and notes come in, as class names that the stylesheet is built from. */

import * as z from "zod/mini";

/** services/core/projects/node_types.py */
export const COLOURS = ["plain", "amber", "violet", "teal", "rose"] as const;
export type Colour = (typeof COLOURS)[number];

export const colourOnWire = (standard: Colour) => z.catch(z.enum(COLOURS), standard);

interface Look {
  /** For people. */
  name: string;
  /** A round sample to choose it by. */
  sample: string;
  /** The ground of a note. */
  note: string;
}

export const LOOK: Record<Colour, Look> = {
  plain: {
    name: "Plain",
    sample: "bg-mut",
    note: "bg-card",
  },
  amber: {
    name: "Amber",
    sample: "bg-type-text",
    note: "bg-[color-mix(in_oklab,var(--color-type-text)_16%,var(--color-card))]",
  },
  violet: {
    name: "Violet",
    sample: "bg-type-image",
    note: "bg-[color-mix(in_oklab,var(--color-type-image)_18%,var(--color-card))]",
  },
  teal: {
    name: "Teal",
    sample: "bg-type-video",
    note: "bg-[color-mix(in_oklab,var(--color-type-video)_16%,var(--color-card))]",
  },
  rose: {
    name: "Rose",
    sample: "bg-type-audio",
    note: "bg-[color-mix(in_oklab,var(--color-type-audio)_16%,var(--color-card))]",
  },
};
