/** Cards on a page of their own for tests, before a server that answers what a test says. */

import { act, render } from "@testing-library/react";
import { Profiler } from "react";
import type { Take } from "@/api/media";
import type { OpenProject } from "@/api/projects";
import type { components } from "@/api/schema";
import { createStudio, StudioProvider } from "@/api/studio";
import { ProjectProvider } from "@/live/project-context";
import type { ProjectDocument } from "@/live/project-document";
import { aDocument, aProject } from "@/live/test-builders";
import type { WireNode } from "@/live/wire";
import { type NodeActions, NodeActionsProvider } from "@/nodes/node-actions";
import { NodeCard } from "@/nodes/node-card";

export interface SentRequest {
  /** "POST /api/jobs/j/cancel" */
  line: string;
  key: string | null;
  body: unknown;
}

interface Stage {
  document: ProjectDocument;
  /** What was asked of the server, but for reading. */
  sent: SentRequest[];
  unmount: () => void;
}

interface StageOptions {
  connections?: OpenProject["connections"];
  role?: string;
  actions?: NodeActions;
  /** Answers by "GET /path"; what is not in it is answered with an empty list. */
  answers?: Readonly<Record<string, unknown>>;
  onRender?: (nodeId: string) => void;
}

/** Show a card for each node. */
export async function showCards(nodes: WireNode[], options: StageOptions = {}): Promise<Stage> {
  const { connections = [], role = "owner", actions = null, onRender = () => {} } = options;
  const document = aDocument(aProject(nodes, { connections, role }));
  const sent: SentRequest[] = [];
  const studio = createStudio({ baseUrl: "http://studio.test", fetch: server(sent, options.answers ?? {}) });
  let unmount = () => {};
  await act(async () => {
    ({ unmount } = render(
      <StudioProvider studio={studio}>
        <ProjectProvider value={document}>
          <NodeActionsProvider value={actions}>
            {nodes.map(({ id }) => (
              <Profiler key={id} id={id} onRender={onRender}>
                <NodeCard nodeId={id} />
              </Profiler>
            ))}
          </NodeActionsProvider>
        </ProjectProvider>
      </StudioProvider>,
    ));
  });
  return { document, sent, unmount };
}

function server(sent: SentRequest[], answers: Readonly<Record<string, unknown>>): typeof fetch {
  return async (input) => {
    const request = new Request(input);
    const line = `${request.method} ${new URL(request.url).pathname}`;
    if (request.method !== "GET" && line !== "POST /api/auth/refresh") {
      const text = await request.text();
      const body: unknown = text === "" ? null : JSON.parse(text);
      sent.push({ line, key: request.headers.get("Idempotency-Key"), body });
    }
    return Response.json(answers[line] ?? []);
  };
}

export function aWire(source: string, target: string, port: string): OpenProject["connections"][number] {
  const [source_port, target_port] = [port === "prompt" ? "prompt" : port === "video" ? "video" : "image", port];
  return {
    id: `${source}>${target}.${port}`,
    source_node_id: source,
    source_port,
    target_node_id: target,
    target_port,
  };
}

type AssetAnswer = components["schemas"]["AssetAnswer"];

export function anAsset(changes: Partial<AssetAnswer> = {}): AssetAnswer {
  return {
    id: "asset",
    project_id: "project",
    node_id: null,
    kind: "image",
    state: "ready",
    file_name: "mara_1.jpg",
    content_type: "image/jpeg",
    size_bytes: 1000,
    width: 1280,
    height: 720,
    duration_seconds: null,
    frames: null,
    has_audio: null,
    sha256: "0",
    problem: null,
    url: "http://storage.test/asset",
    thumbnail_url: "http://storage.test/asset/small",
    poster_url: null,
    created_at: "2026-01-01T00:00:00Z",
    ...changes,
  };
}

/** What a take was made of; no card shows it. */
const ASKED_FOR = {
  model: null,
  prompt: null,
  negative_prompt: null,
  resolution: null,
  aspect_ratio: null,
  duration_seconds: null,
  seed: null,
};

export function aTake(changes: Partial<Take> = {}): Take {
  const id = changes.id ?? "take";
  return {
    id,
    node_id: "node",
    job_id: "job",
    sample: 0,
    hop: 0,
    parent_take_id: null,
    cost_microusd: 3_200_000,
    created_at: "2026-01-01T00:00:00Z",
    ...ASKED_FOR,
    asset: { ...anAsset({ id: `asset of ${id}`, kind: "video", file_name: `${id}.mp4` }), signedAt: 0 },
    ...changes,
  };
}
