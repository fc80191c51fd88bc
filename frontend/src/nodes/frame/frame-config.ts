/** The settings of a frame (schemas/node_types/frame.json). */

import * as z from "zod/mini";
import { colourOnWire } from "@/nodes/colours";
import type { Size } from "@/nodes/geometry";

/** services/core/projects/node_types.py */
export const NEW_FRAME = { width: 720, height: 420, colour: "plain" } as const;
/** Smaller ones could not be taken hold of. */
export const SMALLEST_FRAME: Size = { width: 240, height: 160 };
export const LARGEST_SIDE = 20_000;

const frameConfig = z.object({
  width: z.catch(z.number().check(z.positive()), NEW_FRAME.width),
  height: z.catch(z.number().check(z.positive()), NEW_FRAME.height),
  colour: colourOnWire(NEW_FRAME.colour),
});

export type FrameConfig = z.infer<typeof frameConfig>;

export function parseFrameConfig(config: unknown): FrameConfig {
  return frameConfig.parse(config);
}
