/** The typed client of the api: every request carries the access token, and outlives the token's end. */

import createClient, { type Client } from "openapi-fetch";
import { problemOfAnswer } from "@/api/problem";
import type { paths } from "@/api/schema";
import type { Session } from "@/api/session";

export type ApiClient = Client<paths>;

interface ClientOptions {
  /** Origin of the api; the page's own unless given. */
  baseUrl?: string;
  fetch?: typeof globalThis.fetch;
}

/** A client that acts for `session`. An answer 401 is followed by one refresh and one more try. */
export function createApiClient(
  session: Session,
  { baseUrl = "", fetch = globalThis.fetch }: ClientOptions = {},
): ApiClient {
  return createClient<paths>({ baseUrl, fetch: (request) => authorizedFetch(request, session, fetch) });
}

async function authorizedFetch(request: Request, session: Session, send: typeof globalThis.fetch): Promise<Response> {
  const again = request.clone(); // sending uses the body up
  const sentToken = session.accessToken;
  const answer = await send(withToken(request, sentToken));
  if (answer.status !== 401) {
    return answer;
  }
  // Another request may have refreshed while this one was under way.
  const current = session.accessToken;
  const token = current !== null && current !== sentToken ? current : await session.refresh();
  return token === null ? answer : send(withToken(again, token));
}

function withToken(request: Request, token: string | null): Request {
  if (token !== null) {
    request.headers.set("Authorization", `Bearer ${token}`);
  }
  return request;
}

/** The data of an answer; throws Problem where it is none. */
export async function answered<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call;
  if (data === undefined) {
    throw problemOfAnswer(response.status, error);
  }
  return data;
}
