/** Progress in words and numbers. The provider tells none: what is shown is the time that went by against the usual time. */

import type { Progress, Stage } from "@/live/node-status";

const STAGE_WORDS: Record<Stage, string> = {
  sending: "Sending",
  rendering: "Rendering",
  finishing: "Finishing",
  enhancing: "Enhancing",
  inspecting: "Inspecting",
  working: "Working",
};

/** The stage in one word, for the chip. */
export function stageWord(stage: Stage): string {
  return STAGE_WORDS[stage];
}

/** "first clip", "extension 2 of 3"; null for a node of one clip. */
export function clipWords({ hop, hops }: Progress): string | null {
  if (hops === 0) {
    return null;
  }
  return hop === 0
    ? `first clip, then ${hops} ${hops === 1 ? "extension" : "extensions"}`
    : `extension ${hop} of ${hops}`;
}

export type Estimate =
  | { kind: "under_way"; percent: number; left: string }
  /** It takes longer than usual, and nobody can say how long. */
  | { kind: "overdue" };

/** Where work that began `elapsedSeconds` ago and usually takes `expectedSeconds` stands. */
export function estimate(elapsedSeconds: number, expectedSeconds: number): Estimate {
  const elapsed = Math.max(0, elapsedSeconds);
  if (elapsed >= expectedSeconds) {
    return { kind: "overdue" };
  }
  return {
    kind: "under_way",
    percent: Math.floor((elapsed / expectedSeconds) * 100),
    left: `about ${durationWords(expectedSeconds - elapsed)} left`,
  };
}

/** "38 s", "1 min 40": a duration at the precision that people read. */
export function durationWords(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 60) {
    return `${whole} s`;
  }
  const rest = whole % 60;
  return rest === 0 ? `${Math.floor(whole / 60)} min` : `${Math.floor(whole / 60)} min ${rest}`;
}

/** "0.8 s", "61 s": how long finished work took. */
export function secondsWords(seconds: number): string {
  return seconds < 10 ? `${seconds.toFixed(1)} s` : durationWords(seconds);
}
