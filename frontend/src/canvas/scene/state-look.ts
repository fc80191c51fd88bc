/** How a node's state looks where the canvas paints it: the same words and tones as its card's. Pure. */

import type { Token } from "@/canvas/scene/palette";
import { isActive, type NodeStatus } from "@/live/node-status";
import type { NodeMoment } from "@/live/status-store";
import type { NodeDefinition, Sketch } from "@/nodes/node-type";
import { secondsWords, stageWord } from "@/nodes/progress";

/** The chip at the right of the header. */
export interface StateMark {
  words: string;
  tone: "plain" | "ok" | "run" | "warn" | "err";
}

/** What fills a card. */
export type CardFill =
  | { kind: "picture"; url: string; strength: number }
  /** A person's words, in a field. */
  | { kind: "words"; words: string }
  /** Nothing yet, in a dashed frame: says what is missing, or why. */
  | { kind: "empty"; words: string }
  /** It came to nothing: says why. */
  | { kind: "failed"; words: string }
  /** Stopped by a guard; what was made is never shown. */
  | { kind: "stopped"; words: string }
  /** It will come: at work, or waiting for its turn. */
  | { kind: "coming"; url: string | null; words: string };

/** How a wire looks by what the node that it runs into is doing. */
export type WireLook = "solid" | "waiting" | "running" | "failed" | "stopped" | "faint";

export function stateMark(status: NodeStatus): StateMark | null {
  switch (status.state) {
    case "idle":
      return null;
    case "waiting":
      return { words: "Waiting", tone: "plain" };
    case "queued":
      return { words: "Queued", tone: "plain" };
    case "running":
      return { words: runningWords(status), tone: "run" };
    case "succeeded":
      return { words: status.seconds === null ? "" : secondsWords(status.seconds), tone: "ok" };
    case "failed":
      return { words: "Failed", tone: "err" };
    case "blocked":
      return { words: "Blocked", tone: "warn" };
    case "cancelled":
      return { words: "Cancelled", tone: "plain" };
    case "unknown":
      return { words: status.name, tone: "plain" };
  }
}

function runningWords({ stage, progress }: Extract<NodeStatus, { state: "running" }>): string {
  const clip = progress.hops > 0 ? ` · ${progress.hop + 1} of ${progress.hops + 1}` : "";
  return stageWord(stage) + clip;
}

export function cardFill(
  { status, selectedTakeId }: NodeMoment,
  sketch: Sketch,
  output: NodeDefinition["output"],
): CardFill {
  const { picture, words } = sketch;
  if (status.state === "blocked") {
    return { kind: "stopped", words: status.reason.message };
  }
  if (status.state === "failed" && selectedTakeId === null && picture === null) {
    return { kind: "failed", words: status.reason.message };
  }
  if (output?.type === "text") {
    return { kind: "words", words };
  }
  if (isActive(status)) {
    return { kind: "coming", url: picture, words: status.state === "running" ? "" : comingWords(status.state) };
  }
  if (picture === null) {
    return { kind: "empty", words };
  }
  return {
    kind: "picture",
    url: picture,
    strength: status.state === "failed" || status.state === "cancelled" ? 0.4 : 1,
  };
}

function comingWords(state: string): string {
  return state === "queued" ? "Starts as soon as there is room" : "Starts when its input is ready";
}

export function wireLook(target: NodeStatus["state"]): WireLook {
  switch (target) {
    case "running":
      return "running";
    case "waiting":
    case "queued":
      return "waiting";
    case "failed":
      return "failed";
    case "blocked":
      return "stopped";
    case "cancelled":
      return "faint";
    default:
      return "solid";
  }
}

/** The colour of words in a chip of a tone. */
export const TONE_WORDS: Record<StateMark["tone"], Token> = {
  plain: "mut",
  ok: "mut",
  run: "run",
  warn: "warn",
  err: "err-text",
};
