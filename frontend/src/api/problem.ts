/** What went wrong, in words for people: the api's problem documents (RFC 9457), and the same for what never reached it. */

import * as z from "zod/mini";

const problemDocument = z.looseObject({
  status: z.number(),
  code: z.string(),
  detail: z.string(),
  advice: z.nullish(z.string()),
  request_id: z.nullish(z.string()),
  errors: z.optional(z.array(z.object({ location: z.string(), message: z.string() }))),
});

/** An answer that is no success. `status` 0: there was no answer at all. */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    readonly code: string,
    /** What happened, and to which thing. */
    readonly detail: string,
    /** What to do about it; empty where there is nothing to say. */
    readonly advice = "",
    readonly status = 0,
    /** Faults of single fields: `body.password` and what is wrong with it. */
    readonly faults: readonly { location: string; message: string }[] = [],
    /** What else the api tells of it, for example the node that is not ready: `node_id`. */
    readonly facts: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail);
  }

  /** The api has decided; asking the same again brings the same answer. */
  get isFinal(): boolean {
    return this.status === 401 || this.status === 403 || this.status === 404;
  }

  /** Nobody has decided anything: there was no answer, or the server was not well. */
  get isPassing(): boolean {
    return this.status === 0 || this.status >= 500;
  }

  /** What is wrong with a field of the body, where the api named it. */
  faultOf(field: string): string | undefined {
    return this.faults.find((fault) => fault.location === `body.${field}`)?.message;
  }
}

/** The problem that an answer of the api describes. `body` is whatever came with it, parsed or as text. */
export function problemOfAnswer(status: number, body: unknown): Problem {
  const parsed = problemDocument.safeParse(body);
  if (!parsed.success) {
    return new Problem(
      "answer_unreadable",
      `The server answered with ${status} and no explanation.`,
      "Try again in a moment.",
      status,
    );
  }
  const { status: _, code, detail, advice, request_id: __, errors, ...facts } = parsed.data;
  return new Problem(code, detail, advice ?? "", status, errors, facts);
}

/** Anything that was thrown, as a problem. What is no problem yet is a request that never arrived, or a fault of ours. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) {
    return thrown;
  }
  if (thrown instanceof TypeError) {
    // The only way in which `fetch` tells that it got no answer.
    return new Problem("unreachable", "The server cannot be reached.", "Check your connection, then try again.");
  }
  return new Problem(
    "page_failed",
    "Something went wrong in this page.",
    "Reload it; if it stays, report what you did.",
  );
}
