/** What a node's state means to a person: parsed once from the wire into one case for each kind of moment. */

import * as z from "zod/mini";

/** The clip that is at work, of those the node consists of: 0 is the first one, then come its extensions. */
export interface Progress {
  hop: number;
  /** How many extensions the node asked for. */
  hops: number;
}

/** Why something ended badly, or is not as it should be. */
export interface Reason {
  message: string;
  advice: string;
  cause: string;
  /** What the provider refused it as, where it said so: services/core/video/safety.py. */
  category: string;
  canRetry: boolean;
}

export type Stage = "sending" | "rendering" | "finishing" | "enhancing" | "inspecting" | "working";

export type NodeStatus =
  | { state: "idle" }
  /** `jobId`: the work that goes on, by which it can be stopped; null where it is none that anybody started. */
  | { state: "waiting" | "queued"; progress: Progress; jobId: string | null }
  | {
      state: "running";
      stage: Stage;
      progress: Progress;
      /** When the provider was asked, in milliseconds since the epoch; null where nobody was. */
      startedAtMs: number | null;
      /** How long this usually takes; null where nobody knows. */
      expectedSeconds: number | null;
      jobId: string | null;
    }
  | {
      state: "succeeded";
      seconds: number | null;
      /** It is usable, but something about it needs a person. */
      notice: Reason | null;
      /** What else the server tells of a result, which only its kind of node understands. */
      detail: Readonly<Record<string, unknown>>;
    }
  /** `jobId`: the work that ended, by which it can be done once more. */
  | { state: "failed" | "blocked" | "cancelled"; reason: Reason; progress: Progress; jobId: string | null }
  /** A state that a later release knows. */
  | { state: "unknown"; name: string };

const reasonOnWire = z.object({
  message: z.catch(z.string(), ""),
  advice: z.catch(z.string(), ""),
  cause: z.catch(z.string(), ""),
  category: z.catch(z.string(), ""),
  can_retry: z.catch(z.boolean(), false),
});

const statusOnWire = z.object({
  job_id: z.catch(z.nullable(z.string()), null),
  hop: z.catch(z.int().check(z.nonnegative()), 0),
  hops: z.catch(z.int().check(z.nonnegative()), 0),
  stage: z.catch(z.enum(["sending", "rendering", "finishing", "enhancing", "inspecting", "working"]), "working"),
  started_at: z.catch(z.nullable(z.iso.datetime({ offset: true })), null),
  expected_seconds: z.catch(z.nullable(z.number().check(z.positive())), null),
  seconds: z.catch(z.nullable(z.number().check(z.nonnegative())), null),
  problem: z.catch(z.nullable(reasonOnWire), null),
});

const NO_WORDS: Record<"failed" | "blocked" | "cancelled", string> = {
  failed: "It failed, and nothing says why.",
  blocked: "It was stopped, and nothing says why.",
  cancelled: "It was cancelled.",
};

/** The status in a node's `state` and `status`. Never throws: a detail that cannot be read is left out. */
export function parseNodeStatus(state: string, status: Record<string, unknown>): NodeStatus {
  const detail = statusOnWire.parse(status);
  const progress = { hop: detail.hop, hops: detail.hops };
  const jobId = detail.job_id;
  switch (state) {
    case "idle":
      return { state };
    case "waiting":
    case "queued":
      return { state, progress, jobId };
    case "running":
      return {
        state,
        progress,
        stage: detail.stage,
        startedAtMs: detail.started_at === null ? null : Date.parse(detail.started_at),
        expectedSeconds: detail.expected_seconds,
        jobId,
      };
    case "succeeded":
      return { state, seconds: detail.seconds, notice: detail.problem && readReason(detail.problem), detail: status };
    case "failed":
    case "blocked":
    case "cancelled": {
      const reason = readReason(reasonOnWire.parse(status));
      return { state, progress, jobId, reason: { ...reason, message: reason.message || NO_WORDS[state] } };
    }
    default:
      return { state: "unknown", name: state };
  }
}

function readReason({ can_retry, ...words }: z.infer<typeof reasonOnWire>): Reason {
  return { ...words, canRetry: can_retry };
}

/** Whether work on the node goes on, so that it will change by itself. */
export function isActive(status: NodeStatus): boolean {
  return status.state === "waiting" || status.state === "queued" || status.state === "running";
}

/** Whether the node waits for a person to do something. */
export function needsAttention(status: NodeStatus): boolean {
  return status.state === "failed" || status.state === "blocked";
}
