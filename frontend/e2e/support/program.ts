/** A program at the api beside the open page: it prepares what a test begins with, and knows what really is in the project. */

import { randomUUID } from "node:crypto";
import { type APIRequestContext, expect } from "@playwright/test";
import type { components } from "../../src/api/schema";
import { CLIP_TIMEOUT } from "./canvas";
import { PASSWORD, type Person } from "./people";

export type OpenProject = components["schemas"]["OpenProject"];
type WorkflowNode = { key: string; type: string; title: string; x: number; y?: number; config?: object };
type WorkflowWire = [source: string, sourcePort: string, target: string, targetPort: string];

export class Program {
  readonly #request: APIRequestContext;
  readonly #headers: Record<string, string>;

  private constructor(request: APIRequestContext, token: string) {
    this.#request = request;
    this.#headers = { Authorization: `Bearer ${token}` };
  }

  /** A program that acts for `person`. */
  static async of(request: APIRequestContext, person: Person): Promise<Program> {
    const answer = await request.post("/api/auth/login", { data: { email: person.email, password: PASSWORD } });
    expect(answer.ok(), `signing in: ${answer.status()}`).toBe(true);
    const { access_token } = await answer.json();
    return new Program(request, access_token);
  }

  /** A project of this person with these nodes, from left to right; returns its id. */
  async createProject(name: string, nodes: WorkflowNode[] = [], wires: WorkflowWire[] = []): Promise<string> {
    const workflow = {
      format: "reelgraph.workflow",
      version: 2,
      name,
      nodes: nodes.map(({ x, y = 0, config = {}, ...node }) => ({ ...node, position: { x, y }, config })),
      connections: wires.map(([source, source_port, target, target_port]) => ({
        source,
        source_port,
        target,
        target_port,
      })),
    };
    const project = await this.post("/api/projects", { name, workflow });
    return project.id;
  }

  async open(projectId: string): Promise<OpenProject> {
    const answer = await this.#request.get(`/api/projects/${projectId}`, { headers: this.#headers });
    expect(answer.ok(), `opening: ${answer.status()}`).toBe(true);
    return answer.json();
  }

  /** The node of that title, as the server has it. */
  async node(projectId: string, title: string): Promise<OpenProject["nodes"][number]> {
    const found = (await this.open(projectId)).nodes.find((node) => node.title === title);
    if (!found) {
      throw new Error(`The server knows no node ${title}.`);
    }
    return found;
  }

  async titles(projectId: string): Promise<string[]> {
    return (await this.open(projectId)).nodes.map(({ title }) => title).sort();
  }

  /** "Words.prompt > Shot.prompt" for each wire. */
  async wires(projectId: string): Promise<string[]> {
    const { nodes, connections } = await this.open(projectId);
    const titleOf = (id: string) => nodes.find((node) => node.id === id)?.title;
    return connections
      .map(
        (wire) =>
          `${titleOf(wire.source_node_id)}.${wire.source_port} > ${titleOf(wire.target_node_id)}.${wire.target_port}`,
      )
      .sort();
  }

  /** Run the node of that title, as a click on its button does. */
  async run(projectId: string, title: string): Promise<void> {
    const { id } = await this.node(projectId, title);
    await this.post(`/api/projects/${projectId}/runs`, { scope: "node", node_id: id });
  }

  /** Run the node of that title and wait until it is made. */
  async make(projectId: string, title: string): Promise<void> {
    await this.run(projectId, title);
    const state = async () => (await this.node(projectId, title)).state;
    await expect.poll(state, { timeout: CLIP_TIMEOUT }).toBe("succeeded");
  }

  /** Stop whatever goes on in a project. */
  async cancelRuns(projectId: string): Promise<void> {
    const answer = await this.#request.get(`/api/projects/${projectId}/runs`, { headers: this.#headers });
    const runs: components["schemas"]["RunAnswer"][] = await answer.json();
    for (const run of runs.filter(({ state }) => state === "running")) {
      await this.post(`/api/projects/${projectId}/runs/${run.id}/cancel`);
    }
  }

  async post(path: string, data?: unknown) {
    const headers = { ...this.#headers, "Idempotency-Key": randomUUID() };
    const answer = await this.#request.post(path, { headers, data });
    expect(answer.ok(), `POST ${path}: ${answer.status()} ${await answer.text()}`).toBe(true);
    return answer.json();
  }

  async patchNode(projectId: string, nodeId: string, change: object): Promise<void> {
    const path = `/api/projects/${projectId}/nodes/${nodeId}`;
    const answer = await this.#request.patch(path, { headers: this.#headers, data: change });
    expect(answer.ok(), `PATCH ${path}: ${answer.status()}`).toBe(true);
  }
}
