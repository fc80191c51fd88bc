/** The session and the client that acts for it, against an api that is faked at `fetch`. */

import { beforeEach, describe, expect, test } from "vitest";
import { type ApiClient, answered, createApiClient } from "@/api/client";
import { asProblem } from "@/api/problem";
import { Session } from "@/api/session";

const ORIGIN = "http://studio.test";

/** An api with one account: it knows which access token is good, and whether the cookie still is. */
class FakeApi {
  calls: string[] = [];
  validToken = "access-1";
  isSignedIn = true;
  isReachable = true;
  #issued = 1;

  fetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const path = new URL(request.url).pathname;
    this.calls.push(`${request.method} ${path}`);
    if (!this.isReachable) {
      throw new TypeError("fetch failed");
    }
    if (path === "/api/auth/refresh") {
      return this.isSignedIn ? this.#signedIn() : problem(401, "refresh_token_invalid", "The session has ended.");
    }
    if (path === "/api/auth/logout") {
      this.isSignedIn = false;
      return new Response(null, { status: 204 });
    }
    if (request.headers.get("Authorization") !== `Bearer ${this.validToken}`) {
      return problem(401, "access_token_expired", "The access token has expired.");
    }
    return request.method === "POST"
      ? Response.json({ id: "p", echoed: await request.json() }, { status: 201 })
      : Response.json([]);
  };

  #signedIn(): Response {
    this.validToken = `access-${++this.#issued}`;
    return Response.json({
      user: { id: "u", email: "maya@example.com", display_name: "Maya", created_at: "2026-01-01T00:00:00Z" },
      access_token: this.validToken,
      expires_at: "2026-01-01T00:15:00Z",
      refresh_token: "kept in the cookie",
      refresh_expires_at: "2026-02-01T00:00:00Z",
    });
  }

  count(call: string): number {
    return this.calls.filter((made) => made === call).length;
  }
}

function problem(status: number, code: string, detail: string): Response {
  const document = { type: `/problems/${code}`, title: code, status, code, detail, advice: "Sign in again." };
  return Response.json(document, { status, headers: { "Content-Type": "application/problem+json" } });
}

let server: FakeApi;
let session: Session;
let api: ApiClient;

beforeEach(() => {
  server = new FakeApi();
  session = new Session({ baseUrl: ORIGIN, fetch: server.fetch });
  api = createApiClient(session, { baseUrl: ORIGIN, fetch: server.fetch });
});

const listProjects = () => answered(api.GET("/api/projects"));

describe("the session", () => {
  test("survives a reload while the cookie is good", async () => {
    await session.restore();

    expect(session.state.getState()).toMatchObject({ kind: "signed_in", user: { display_name: "Maya" } });
  });

  test("is signed out where the cookie is not good", async () => {
    server.isSignedIn = false;

    await session.restore();

    expect(session.state.getState()).toEqual({ kind: "signed_out" });
  });

  test("says so where nobody can tell, and signs nobody out for it", async () => {
    server.isReachable = false;
    await session.restore();
    expect(session.state.getState()).toMatchObject({ kind: "unreachable", problem: { code: "unreachable" } });

    server.isReachable = true;
    await session.restore();
    expect(session.state.getState().kind).toBe("signed_in");
  });

  test("ends with signing out", async () => {
    await session.restore();

    await session.signOut();

    expect(session.state.getState()).toEqual({ kind: "signed_out" });
    expect(session.accessToken).toBeNull();
  });
});

describe("a request of the client", () => {
  test("whose token has expired is sent again with a new one, body and all", async () => {
    await session.restore();
    server.validToken = "another";

    const project = await answered(api.POST("/api/projects", { body: { name: "Teaser" } }));

    expect(project).toMatchObject({ echoed: { name: "Teaser" } });
    expect(server.count("POST /api/projects")).toBe(2);
  });

  test("shares one refresh with all others that are refused at the same time", async () => {
    await session.restore();
    server.validToken = "another";
    server.calls = [];

    await Promise.all([listProjects(), listProjects(), listProjects()]);

    expect(server.count("POST /api/auth/refresh")).toBe(1);
    expect(server.count("GET /api/projects")).toBe(6);
  });

  test("is refused, and the session over, where no new token is to be had", async () => {
    await session.restore();
    server.validToken = "another";
    server.isSignedIn = false;

    const refusal = await listProjects().catch(asProblem);

    expect(refusal).toMatchObject({ status: 401, code: "access_token_expired" });
    expect(session.state.getState().kind).toBe("signed_out");
  });

  test("that never arrived is a problem in words, and keeps the session", async () => {
    await session.restore();
    server.isReachable = false;

    const failure = asProblem(await listProjects().catch((thrown: unknown) => thrown));

    expect(failure).toMatchObject({ code: "unreachable", isPassing: true, isFinal: false });
    expect(session.state.getState().kind).toBe("signed_in");
  });
});
