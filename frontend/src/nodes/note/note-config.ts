/** The settings of a note (schemas/node_types/note.json). */

import * as z from "zod/mini";
import { colourOnWire } from "@/nodes/colours";
import type { Size } from "@/nodes/geometry";

/** services/core/projects/node_types.py */
export const NEW_NOTE = { text: "", width: 240, height: 160, colour: "amber" } as const;
export const LONGEST_NOTE = 4000;
export const SMALLEST_NOTE: Size = { width: 140, height: 96 };
export const LARGEST_NOTE_SIDE = 2_000;

const noteConfig = z.object({
  text: z.catch(z.string(), NEW_NOTE.text),
  width: z.catch(z.number().check(z.positive()), NEW_NOTE.width),
  height: z.catch(z.number().check(z.positive()), NEW_NOTE.height),
  colour: colourOnWire(NEW_NOTE.colour),
});

export type NoteConfig = z.infer<typeof noteConfig>;

export function parseNoteConfig(config: unknown): NoteConfig {
  return noteConfig.parse(config);
}
