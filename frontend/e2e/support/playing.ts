/** Videos that play. */

import { expect, type Locator } from "@playwright/test";

/** A part of it was played, so its pictures can be read. A short one may have ended meanwhile. */
export async function expectPlays(video: Locator): Promise<void> {
  const playedSeconds = () =>
    video.evaluate((element) =>
      element instanceof HTMLVideoElement && element.played.length > 0 ? element.played.end(0) : 0,
    );
  await expect.poll(playedSeconds).toBeGreaterThan(0.2);
}

export function durationOf(video: Locator): Promise<number> {
  return video.evaluate((element) => (element instanceof HTMLVideoElement ? element.duration || 0 : 0));
}
