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

/** What may be missing, and counts as missing where it cannot be read. By default, since each failure costs: ten thousand nodes lack most. */
function lenient<T>(schema: z.ZodMiniType<T>, otherwise: z.core.util.NoUndefined<T>) {
  return z._default(z.catch(schema, otherwise), otherwise);
}

const workOnWire = {
  job_id: lenient(z.nullable(z.string()), null),
  hop: lenient(z.int().check(z.nonnegative()), 0),
  hops: lenient(z.int().check(z.nonnegative()), 0),
};

const reasonOnWire = z.object({
  message: lenient(z.string(), ""),
  advice: lenient(z.string(), ""),
  cause: lenient(z.string(), ""),
  category: lenient(z.string(), ""),
  can_retry: lenient(z.boolean(), false),
});

const waitingOnWire = z.object(workOnWire);
const runningOnWire = z.object({
  ...workOnWire,
  stage: lenient(z.enum(["sending", "rendering", "finishing", "enhancing", "inspecting", "working"]), "working"),
  started_at: lenient(z.nullable(z.iso.datetime({ offset: true })), null),
  expected_seconds: lenient(z.nullable(z.number().check(z.positive())), null),
});
const succeededOnWire = z.object({
  seconds: lenient(z.nullable(z.number().check(z.nonnegative())), null),
  problem: lenient(z.nullable(reasonOnWire), null),
});
const endedBadlyOnWire = z.object({ ...workOnWire, ...reasonOnWire.shape });

const NO_WORDS: Record<"failed" | "blocked" | "cancelled", string> = {
  failed: "It failed, and nothing says why.",
  blocked: "It was stopped, and nothing says why.",
  cancelled: "It was cancelled.",
};

/** The status in a node's `state` and `status`. Never throws: a detail that cannot be read is left out. */
export function parseNodeStatus(state: string, status: Record<string, unknown>): NodeStatus {
  switch (state) {
    case "idle":
      return { state };
    case "waiting":
    case "queued":
      return { state, ...readWork(waitingOnWire.parse(status)) };
    case "running": {
      const detail = runningOnWire.parse(status);
      return {
        state,
        ...readWork(detail),
        stage: detail.stage,
        startedAtMs: detail.started_at === null ? null : Date.parse(detail.started_at),
        expectedSeconds: detail.expected_seconds,
      };
    }
    case "succeeded": {
      const { seconds, problem } = succeededOnWire.parse(status);
      return { state, seconds, notice: problem && readReason(problem), detail: status };
    }
    case "failed":
    case "blocked":
    case "cancelled": {
      const detail = endedBadlyOnWire.parse(status);
      const reason = readReason(detail);
      return { state, ...readWork(detail), reason: { ...reason, message: reason.message || NO_WORDS[state] } };
    }
    default:
      return { state: "unknown", name: state };
  }
}

function readWork({ job_id, hop, hops }: z.infer<typeof waitingOnWire>): { progress: Progress; jobId: string | null } {
  return { progress: { hop, hops }, jobId: job_id };
}

function readReason({ message, advice, cause, category, can_retry }: z.infer<typeof reasonOnWire>): Reason {
  return { message, advice, cause, category, canRetry: can_retry };
}

/** Whether work on the node goes on, so that it will change by itself. */
export function isActive(status: NodeStatus): boolean {
  return status.state === "waiting" || status.state === "queued" || status.state === "running";
}

/** Whether the node waits for a person to do something. */
export function needsAttention(status: NodeStatus): boolean {
  return status.state === "failed" || status.state === "blocked";
}
