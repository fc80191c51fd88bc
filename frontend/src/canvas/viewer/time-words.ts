/** A place in a video as people read it. Pure. */

import { FRAME_SECONDS } from "@/canvas/viewer/playback";

/** "0:07.12": minutes, seconds, and the frame within the second. */
export function timeWords(seconds: number): string {
  const frames = Math.round(seconds / FRAME_SECONDS);
  const perSecond = Math.round(1 / FRAME_SECONDS);
  const whole = Math.floor(frames / perSecond);
  const two = (count: number) => String(count).padStart(2, "0");
  return `${Math.floor(whole / 60)}:${two(whole % 60)}.${two(frames % perSecond)}`;
}
