/** What a gesture comes to: edits that are one step to undo, with the words for it; or why there are none. */

import type { Edit } from "@/live/operations";

export interface EditStep {
  /** As in "Undo move 3 nodes". */
  label: string;
  edits: readonly Edit[];
  /** What is selected afterwards; left out where the selection stays. */
  select?: readonly string[];
}

/** Nothing was done, in words for people. */
export interface NotDone {
  message: string;
  advice: string;
}

/** Makes the id of something new. */
export type NewId = () => string;

export const newId: NewId = () => crypto.randomUUID();

/** "1 node", "3 nodes". */
export function countWords(count: number, noun: string): string {
  return `${count} ${count === 1 ? noun : `${noun}s`}`;
}
