/** Which films have ended since one last looked. Pure. */

import { type Export, isUnderWay } from "@/api/exports";

/** Those that were under way `before` and are not any more; cancelled ones are no news to who cancelled them. */
export function endedSince(before: readonly Export[], now: readonly Export[]): Export[] {
  const underWay = new Set(before.filter(isUnderWay).map(({ id }) => id));
  return now.filter((film) => underWay.has(film.id) && !isUnderWay(film) && film.state !== "cancelled");
}

/** "Making the film", or how far it is. */
export function progressWords({ state, progress }: Pick<Export, "state" | "progress">): string {
  return state === "queued" || progress === 0 ? "Film: starting" : `Film: ${Math.floor(progress * 100)} %`;
}
