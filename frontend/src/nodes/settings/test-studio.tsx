/** For tests: an open project under a studio whose server answers as told. */

import { act, configure, render } from "@testing-library/react";
import type { ReactNode } from "react";
import { vi } from "vitest";
import type { OpenProject } from "@/api/projects";
import { createStudio, StudioProvider } from "@/api/studio";
import { createMemoryEditStore } from "@/live/memory-edit-store";
import type { Edit } from "@/live/operations";
import { ProjectProvider } from "@/live/project-context";
import { ProjectDocument } from "@/live/project-document";
import { aProject } from "@/live/test-builders";
import type { WireNode } from "@/live/wire";
import { aVideoModel } from "@/nodes/video/test-builders";

// A busy machine takes its time; what never comes is found missing all the same.
configure({ asyncUtilTimeout: 15_000 });
vi.setConfig({ testTimeout: 30_000 });

export interface AskedRequest {
  /** "POST /api/ai/estimate" */
  what: string;
  query: URLSearchParams;
  headers: Headers;
  body: unknown;
}

/** What the server answers: a value is sent as JSON, a Response as it is. */
export type Answers = Record<string, (request: AskedRequest) => unknown>;

export const NO_MONEY = {
  spending_limit_microusd: 20_000_000,
  captured_microusd: 0,
  reserved_microusd: 0,
  uncertain_microusd: 0,
};

const STANDARD: Answers = {
  "POST /api/auth/refresh": () => ({ user: { id: "me", email: "me@example.com" }, access_token: "t" }),
  "GET /api/ai/models": () => ({ version: "1", default: "veo", max_extensions: 20, models: [aVideoModel()] }),
  "GET /api/projects/project/money": () => NO_MONEY,
  "POST /api/ai/estimate": () => ({ cost_microusd: 0, expected_seconds: 0, steps: [], aliases: {} }),
};

/** A problem as the api sends it. */
export function aProblem(status: number, code: string, detail: string, facts: Record<string, unknown> = {}): Response {
  return Response.json({ status, code, detail, advice: "", ...facts }, { status });
}

export interface TestStudio {
  project: ProjectDocument;
  /** Every request, in order. */
  requests: AskedRequest[];
  /** The edits that reached the server. */
  edits: Edit[];
  askedFor: (what: string) => AskedRequest[];
}

interface ShowOptions {
  nodes?: WireNode[];
  project?: Partial<OpenProject>;
  answers?: Answers;
  /** Around what is shown, inside of the project. */
  around?: (children: ReactNode, project: ProjectDocument) => ReactNode;
}

/** Show something of an open project. What nobody gave an answer for is answered by an empty list. */
export async function showInStudio(
  children: ReactNode,
  { nodes = [], project: changes = {}, answers = {}, around = (inner) => inner }: ShowOptions = {},
): Promise<TestStudio> {
  standInForTheBrowser();
  const requests: AskedRequest[] = [];
  const edits: Edit[] = [];
  const project = new ProjectDocument(aProject(nodes, changes), {
    store: createMemoryEditStore(),
    send: async (operations) => {
      edits.push(...operations);
      return operations.map(() => 11);
    },
  });
  const all = { ...STANDARD, ...answers };
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const what = `${request.method} ${url.pathname}`;
    const body: unknown = request.method === "GET" ? null : JSON.parse((await request.text()) || "null");
    const asked = { what, query: url.searchParams, headers: request.headers, body };
    requests.push(asked);
    const answer = await (all[what]?.(asked) ?? []);
    return answer instanceof Response ? answer.clone() : Response.json(answer);
  };
  await act(async () => {
    project.start();
    render(
      <StudioProvider studio={createStudio({ baseUrl: "http://studio.test", fetch })}>
        <ProjectProvider value={project}>{around(children, project)}</ProjectProvider>
      </StudioProvider>,
    );
  });
  return { project, requests, edits, askedFor: (what) => requests.filter((asked) => asked.what === what) };
}

/** What jsdom leaves out and radix asks for. */
function standInForTheBrowser(): void {
  globalThis.ResizeObserver ??= class {
    observe() {}
    unobserve() {}
    disconnect() {}
  };
  globalThis.IntersectionObserver ??= class {
    readonly root = null;
    readonly rootMargin = "";
    readonly scrollMargin = "";
    readonly thresholds = [];
    observe() {}
    unobserve() {}
    disconnect() {}
    takeRecords() {
      return [];
    }
  };
  Element.prototype.scrollIntoView ??= () => {};
  Element.prototype.hasPointerCapture ??= () => false;
  Element.prototype.releasePointerCapture ??= () => {};
  Element.prototype.setPointerCapture ??= () => {};
}
