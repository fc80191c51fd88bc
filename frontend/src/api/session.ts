/** Who is signed in: the access token in memory, renewed by the cookie that only /api/auth sees. */

import createClient from "openapi-fetch";
import { createStore, type StoreApi } from "zustand/vanilla";
import { asProblem, type Problem, problemOfAnswer } from "@/api/problem";
import type { components, paths } from "@/api/schema";

export type User = components["schemas"]["UserAnswer"];
type SignedInAnswer = components["schemas"]["SignedInAnswer"];
type Registration = components["schemas"]["Registration"];
type Credentials = components["schemas"]["Credentials"];

export type SessionState =
  /** The page has just been loaded; the cookie may still hold a session. */
  | { kind: "restoring" }
  /** Nobody can say whether there is a session: the server did not answer. */
  | { kind: "unreachable"; problem: Problem }
  | { kind: "signed_out" }
  | { kind: "signed_in"; user: User; accessToken: string };

interface SessionOptions {
  /** Origin of the api; the page's own unless given. */
  baseUrl?: string;
  fetch?: typeof globalThis.fetch;
}

/** One browser tab's session. Watch `state`; every change of it goes through the methods. */
export class Session {
  readonly state: StoreApi<SessionState> = createStore<SessionState>(() => ({ kind: "restoring" }));
  readonly #auth;
  #refreshing: Promise<string | null> | null = null;

  constructor({ baseUrl = "", fetch }: SessionOptions = {}) {
    this.#auth = createClient<paths>({
      baseUrl,
      fetch: fetch && ((request) => fetch(request)),
      credentials: "same-origin",
    });
  }

  /** The access token to send with a request; null where nobody is signed in. */
  get accessToken(): string | null {
    const state = this.state.getState();
    return state.kind === "signed_in" ? state.accessToken : null;
  }

  /** Find out, after a reload, whether the cookie holds a session. Never throws: the state tells. */
  async restore(): Promise<void> {
    this.state.setState({ kind: "restoring" }, true);
    try {
      await this.refresh();
    } catch (thrown) {
      this.state.setState({ kind: "unreachable", problem: asProblem(thrown) }, true);
    }
  }

  /**
   * A new access token by the cookie; null, and signed out, where the session has ended. However many ask at once, one request
   * is sent: each refresh token is good for one use. Throws Problem where the server does not answer; then nothing has changed.
   */
  refresh(): Promise<string | null> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #refresh(): Promise<string | null> {
    const { data, error, response } = await this.#auth.POST("/api/auth/refresh");
    if (data) {
      this.#enter(data);
      return data.access_token;
    }
    if (response.status === 401) {
      this.state.setState({ kind: "signed_out" }, true);
      return null;
    }
    throw problemOfAnswer(response.status, error);
  }

  /** Sign in; throws Problem. */
  async signIn(credentials: Credentials): Promise<void> {
    const { data, error, response } = await this.#auth.POST("/api/auth/login", { body: credentials });
    this.#enter(data ?? raise(problemOfAnswer(response.status, error)));
  }

  /** Get an account and be signed in; throws Problem. */
  async register(registration: Registration): Promise<void> {
    const { data, error, response } = await this.#auth.POST("/api/auth/register", { body: registration });
    this.#enter(data ?? raise(problemOfAnswer(response.status, error)));
  }

  /** End the session on this device. Throws Problem, and stays signed in, where the server could not be told. */
  async signOut(): Promise<void> {
    const { error, response } = await this.#auth.POST("/api/auth/logout");
    if (!response.ok) {
      throw problemOfAnswer(response.status, error);
    }
    this.state.setState({ kind: "signed_out" }, true);
  }

  #enter(answer: SignedInAnswer): void {
    this.state.setState({ kind: "signed_in", user: answer.user, accessToken: answer.access_token }, true);
  }
}

function raise(problem: Problem): never {
  throw problem;
}
