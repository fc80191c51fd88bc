// @vitest-environment jsdom
/** The list of projects, and what can be done with one. */

import { cleanup, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createStudio, StudioProvider } from "@/api/studio";
import { ProjectsPage } from "@/app/_projects/projects-page";

const push = vi.hoisted(() => vi.fn());
vi.mock("next/navigation", () => ({ useRouter: () => ({ push }) }));

interface StoredProject {
  id: string;
  name: string;
  role: string;
  node_count: number;
}

/** The projects of one person, as the api keeps them. */
class FakeApi {
  projects: StoredProject[] = [];
  created: { name: string; workflow?: { nodes: unknown[] } }[] = [];
  busy = new Set<string>();

  fetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const [, , , id, part] = new URL(request.url).pathname.split("/");
    if (id === "refresh") {
      const user = { id: "u", email: "maya@example.com", display_name: "Maya", created_at: "2026-01-01T00:00:00Z" };
      return Response.json({ user, access_token: "t" });
    }
    switch (request.method) {
      case "POST":
        return this.#create(await request.json());
      case "PATCH":
        return this.#rename(id, await request.json());
      case "DELETE":
        return this.#delete(id);
      default:
        return Response.json(part === "export" ? WORKFLOW : this.projects.map(answer));
    }
  };

  #create(body: { name: string; workflow?: { nodes: unknown[] } }): Response {
    this.created.push(body);
    const project = { id: `new${this.created.length}`, name: body.name, role: "owner", node_count: 0 };
    this.projects.unshift(project);
    return Response.json(answer(project), { status: 201 });
  }

  #rename(id: string | undefined, { name }: { name: string }): Response {
    this.projects = this.projects.map((project) => (project.id === id ? { ...project, name } : project));
    return Response.json({});
  }

  #delete(id = ""): Response {
    if (this.busy.has(id)) {
      const detail = "'Hero shot' is at work.";
      const problem = { status: 409, code: "project_is_busy", detail, advice: "Cancel the run first." };
      return Response.json(problem, { status: 409 });
    }
    this.projects = this.projects.filter((project) => project.id !== id);
    return new Response(null, { status: 204 });
  }
}

const WORKFLOW = { format: "reelgraph.workflow", version: 2, name: "Teaser", nodes: [{ key: "n1" }], connections: [] };

function answer(project: StoredProject) {
  const at = "2026-11-01T00:00:00Z";
  return { ...project, rev: 1, created_at: at, updated_at: at, thumbnail_url: null };
}

function aProject(name: string, role = "owner"): StoredProject {
  return { id: `id-${name}`, name, role, node_count: 3 };
}

let api: FakeApi;

async function open(projects: StoredProject[]): Promise<void> {
  api.projects = projects;
  render(
    <StudioProvider studio={createStudio({ baseUrl: "http://studio.test", fetch: api.fetch })}>
      <ProjectsPage />
    </StudioProvider>,
  );
  await screen.findByRole(projects.length === 0 ? "textbox" : "list");
}

async function choose(project: string, item: string): Promise<void> {
  await userEvent.click(screen.getByRole("button", { name: `Menu of ${project}` }));
  await userEvent.click(await screen.findByRole("menuitem", { name: new RegExp(item) }));
}

beforeEach(() => {
  api = new FakeApi();
  push.mockClear();
});
afterEach(cleanup);

describe("a new project", () => {
  test("begins with a template, is called like it unless it is named, and is opened", async () => {
    await open([]);

    await userEvent.click(screen.getByRole("radio", { name: "One character, three scenes" }));
    await userEvent.click(screen.getByRole("button", { name: "Create project" }));

    await waitFor(() => expect(push).toHaveBeenCalledWith("/canvas?project=new1"));
    expect(api.created[0]?.name).toBe("One character, three scenes");
    expect(api.created[0]?.workflow?.nodes.length).toBeGreaterThan(6);
  });

  test("is empty where one asks for that, with the name one gives it", async () => {
    await open([aProject("Teaser")]);

    await userEvent.click(screen.getByRole("button", { name: "New project" }));
    await userEvent.type(screen.getByLabelText("Name of the project"), " Ferry ");
    await userEvent.click(screen.getByRole("radio", { name: "Blank" }));
    await userEvent.click(screen.getByRole("button", { name: "Create project" }));

    await waitFor(() => expect(push).toHaveBeenCalledWith("/canvas?project=new1"));
    expect(api.created).toEqual([{ name: "Ferry" }]);
  });

  test("comes from a file, and a file that is no workflow is refused in words", async () => {
    await open([]);
    const input = screen.getByLabelText("Workflow file");

    await userEvent.upload(input, new File(["not JSON"], "notes.json", { type: "application/json" }));
    expect((await screen.findByRole("alert")).textContent).toContain("This file is not a Reelgraph workflow.");
    expect(api.created).toEqual([]);

    await userEvent.upload(input, new File([JSON.stringify(WORKFLOW)], "w.json", { type: "application/json" }));
    await waitFor(() => expect(push).toHaveBeenCalledWith("/canvas?project=new1"));
    expect(api.created).toEqual([{ name: "Teaser", workflow: WORKFLOW }]);
  });
});

describe("a project", () => {
  test("is renamed", async () => {
    await open([aProject("Teaser")]);

    await choose("Teaser", "Rename");
    await userEvent.clear(await screen.findByLabelText("Name"));
    await userEvent.type(screen.getByLabelText("Name"), "Trailer");
    await userEvent.click(screen.getByRole("button", { name: "Rename" }));

    expect(await screen.findByRole("link", { name: "Trailer" })).toBeTruthy();
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  test("is duplicated with its workflow, under a name of its own", async () => {
    await open([aProject("Teaser"), aProject("Teaser copy")]);

    await choose("Teaser", "Duplicate");

    expect(await screen.findByRole("link", { name: "Teaser copy 2" })).toBeTruthy();
    expect(api.created).toEqual([{ name: "Teaser copy 2", workflow: WORKFLOW }]);
  });

  test("is deleted only after one has read what that means", async () => {
    await open([aProject("Teaser"), aProject("Ferry")]);

    await choose("Teaser", "Delete");
    expect(screen.getByRole("dialog", { name: /Teaser/ }).textContent).toContain("every rendered video");
    await userEvent.click(screen.getByRole("button", { name: "Delete project" }));

    await waitFor(() => expect(screen.queryByRole("link", { name: "Teaser" })).toBeNull());
    expect(api.projects.map(({ name }) => name)).toEqual(["Ferry"]);
  });

  test("in which paid work runs stays, and the window says why", async () => {
    await open([aProject("Teaser")]);
    api.busy.add("id-Teaser");

    await choose("Teaser", "Delete");
    await userEvent.click(screen.getByRole("button", { name: "Delete project" }));

    const dialog = within(screen.getByRole("dialog", { name: /Teaser/ }));
    expect((await dialog.findByRole("alert")).textContent).toBe("'Hero shot' is at work.Cancel the run first.");
    expect(api.projects).toHaveLength(1);
  });

  test.each([
    ["viewer", ["Rename", "Delete"]],
    ["editor", ["Delete"]],
    ["owner", []],
  ])("lets a %s do all but %j", async (role, withheld) => {
    await open([aProject("Teaser", role)]);

    await userEvent.click(screen.getByRole("button", { name: "Menu of Teaser" }));

    const items = (await screen.findAllByRole("menuitem")).filter((item) => item.hasAttribute("data-disabled"));
    expect(items.map((item) => /^(Rename|Delete)/.exec(item.textContent ?? "")?.[0])).toEqual(withheld);
  });
});

test("from nine projects on one can search, by any part of the name", async () => {
  const names = ["Ferry", "Harbour", "Night", "Train", "Coffee", "Market", "Summit", "Lighthouse"];
  await open(names.map((name) => aProject(name)));
  expect(screen.queryByRole("searchbox")).toBeNull();
  cleanup();

  await open([...names, "Lighthouse teaser"].map((name) => aProject(name)));
  await userEvent.type(screen.getByRole("searchbox"), "LIGHT");
  expect(screen.getAllByRole("link").map((link) => link.textContent)).toEqual(["Lighthouse", "Lighthouse teaser"]);

  await userEvent.type(screen.getByRole("searchbox"), "s out");
  expect(screen.getByRole("status").textContent).toContain("No project is called");
});
