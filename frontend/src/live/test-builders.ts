/** Builders for tests: each shows only what matters. */

import type { OpenProject } from "@/api/projects";
import { createMemoryEditStore } from "@/live/memory-edit-store";
import { ProjectDocument } from "@/live/project-document";
import type { NodeStatusUpdate, WireNode } from "@/live/wire";

export function aNode(changes: Partial<WireNode> = {}): WireNode {
  return {
    id: "node",
    type: "video",
    title: "Hero shot",
    position: { x: 0, y: 0 },
    config: {},
    state: "idle",
    status: {},
    version: 1,
    selected_take_id: null,
    ...changes,
  };
}

export function aProject(nodes: WireNode[], changes: Partial<OpenProject> = {}): OpenProject {
  return {
    id: "project",
    name: "Lighthouse teaser",
    role: "owner",
    rev: 10,
    accepts_commands: false,
    node_count: nodes.length,
    thumbnail_url: null,
    created_at: "2026-01-01T00:00:00Z",
    updated_at: "2026-01-01T00:00:00Z",
    connections: [],
    money: { spending_limit_microusd: 0, captured_microusd: 0, reserved_microusd: 0, uncertain_microusd: 0 },
    nodes,
    ...changes,
  };
}

export function aStatus(changes: Partial<NodeStatusUpdate> = {}): NodeStatusUpdate {
  return { node_id: "node", state: "running", status: { stage: "rendering" }, version: 2, ...changes };
}

/** An open project whose edits are sent nowhere. */
export function aDocument(project: OpenProject): ProjectDocument {
  return new ProjectDocument(project, { send: async () => [], store: createMemoryEditStore() });
}
