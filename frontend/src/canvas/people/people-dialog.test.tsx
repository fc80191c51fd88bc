// @vitest-environment jsdom
/** The people of a project, as their owner and as the others see them. */

import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";
import { createStudio, StudioProvider } from "@/api/studio";
import { PeopleDialog } from "@/canvas/people/people-dialog";
import { ProjectProvider } from "@/live/project-context";
import { aDocument, aProject } from "@/live/test-builders";

const MAYA = { user_id: "maya", email: "maya@example.com", display_name: "Maya", role: "owner" };
const JON = { user_id: "jon", email: "jon@example.com", display_name: "Jon", role: "viewer" };

/** The members of one project, as the api keeps them. */
class FakeApi {
  members = [{ ...MAYA }, { ...JON }];

  constructor(readonly self: typeof MAYA) {}

  fetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const path = new URL(request.url).pathname;
    const userId = path.split("/members/")[1];
    if (path === "/api/auth/refresh") {
      const user = { id: this.self.user_id, email: this.self.email, display_name: this.self.display_name };
      return Response.json({ user: { ...user, created_at: "2026-01-01T00:00:00Z" }, access_token: "t" });
    }
    switch (request.method) {
      case "GET":
        return Response.json(this.members);
      case "POST":
        return this.#add(await request.json());
      case "PATCH":
        return this.#change(userId, await request.json());
      default:
        this.members = this.members.filter((member) => member.user_id !== userId);
        return new Response(null, { status: 204 });
    }
  };

  #add({ email, role }: { email: string; role: string }): Response {
    if (email !== "ada@example.com") {
      const detail = "Nobody has an account with this e-mail address.";
      const problem = { status: 422, code: "account_not_found", detail, advice: "Ask them to register first." };
      return Response.json(problem, { status: 422 });
    }
    const member = { user_id: "ada", email, display_name: "Ada", role };
    this.members.push(member);
    return Response.json(member, { status: 201 });
  }

  #change(userId: string | undefined, { role }: { role: string }): Response {
    this.members = this.members.map((member) => (member.user_id === userId ? { ...member, role } : member));
    return Response.json(this.members.find((member) => member.user_id === userId));
  }
}

async function open(self: typeof MAYA): Promise<FakeApi> {
  const api = new FakeApi(self);
  render(
    <StudioProvider studio={createStudio({ baseUrl: "http://studio.test", fetch: api.fetch })}>
      <ProjectProvider value={aDocument(aProject([]))}>
        <PeopleDialog isOpen onClose={() => {}} />
      </ProjectProvider>
    </StudioProvider>,
  );
  await screen.findByText("(you)", { exact: false });
  return api;
}

const rowOf = (name: string) => {
  const row = screen.getAllByRole("listitem").find((item) => within(item).queryByText(name) !== null);
  return within(row ?? document.createElement("li"));
};

afterEach(cleanup);

test("the owner lets somebody in as a viewer", async () => {
  const api = await open(MAYA);

  await userEvent.type(screen.getByLabelText("E-mail of their account"), "ada@example.com");
  await userEvent.selectOptions(screen.getByLabelText("What they may do"), "viewer");
  await userEvent.click(screen.getByRole("button", { name: "Add" }));

  await screen.findByText("Ada");
  expect(api.members.at(-1)).toMatchObject({ email: "ada@example.com", role: "viewer" });
  expect(screen.getByLabelText("E-mail of their account")).toHaveProperty("value", "");
});

test("an address without an account is refused in words, and stays to be corrected", async () => {
  await open(MAYA);

  await userEvent.type(screen.getByLabelText("E-mail of their account"), "nobody@example.com");
  await userEvent.click(screen.getByRole("button", { name: "Add" }));

  expect((await screen.findByRole("alert")).textContent).toContain("Nobody has an account with this e-mail address.");
  expect(screen.getByLabelText("E-mail of their account")).toHaveProperty("value", "nobody@example.com");
});

test("the owner changes what somebody may do, and shuts them out", async () => {
  const api = await open(MAYA);

  await userEvent.selectOptions(screen.getByLabelText("What Jon may do"), "editor");
  expect(api.members[1]).toMatchObject({ role: "editor" });

  await userEvent.click(await screen.findByRole("button", { name: "Remove Jon" }));
  await expect.poll(() => screen.queryByText("Jon")).toBeNull();
  expect(api.members).toHaveLength(1);
});

test("the owner cannot be changed, and others only see who is there", async () => {
  await open(JON);

  expect(rowOf("Maya").getByText("owner")).toBeTruthy();
  expect(screen.queryByRole("combobox")).toBeNull();
  expect(screen.queryByRole("button", { name: "Add" })).toBeNull();
});
