/** How a bad end is told on a card: which guard stopped it, and what is certain about the money. Pure. */

import type { NodeStatus } from "@/live/node-status";

type Ended = Extract<NodeStatus, { state: "failed" | "blocked" | "cancelled" }>;

/** Which guard said no. Only one category is known to look at what was made: services/core/video/safety.py. */
export function guardWords({ reason }: Ended): string {
  if (reason.cause !== "safety_filter") {
    return "Stopped by the provider";
  }
  return reason.category === "video_safety" ? "Stopped by the output filter" : "Stopped by the input filter";
}

/**
 * What is certain about the money (services/core/jobs/states.py: a block and a provider's error release what was set aside);
 * null where it is not certain, or where the reason itself tells of it.
 */
export function moneyWords({ state, reason, progress }: Ended): string | null {
  if (state === "blocked") {
    if (progress.hop > 0) {
      return "You were not charged for this extension.";
    }
    return reason.category === "video_safety"
      ? "You were not charged."
      : "Nothing was generated and you were not charged.";
  }
  const isReleased = reason.cause.startsWith("provider_error_") || reason.cause.startsWith("rejected_");
  return state === "failed" && isReleased ? "You were not charged." : null;
}

/** For a person to send to whoever helps: facts, no prompt. */
export function detailsText(node: { id: string; title: string }, { state, reason, jobId }: Ended): string {
  const facts = {
    node: `${node.title} (${node.id})`,
    state,
    job: jobId,
    cause: reason.cause,
    category: reason.category,
    message: reason.message,
    advice: reason.advice,
  };
  return Object.entries(facts)
    .flatMap(([name, value]) => (value ? [`${name}: ${value}`] : []))
    .join("\n");
}

/** Those that say something. */
export function sentences(...parts: readonly (string | null)[]): string[] {
  return parts.flatMap((part) => (part ? [part] : []));
}
