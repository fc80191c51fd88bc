/** The studio as a person meets it: getting in, a project, and nodes whose states move without a reload. */

import { randomUUID } from "node:crypto";
import AxeBuilder from "@axe-core/playwright";
import { type APIRequestContext, expect, type Page, test } from "@playwright/test";

const PASSWORD = "correct horse battery";

function anEmail(): string {
  return `e2e-${randomUUID()}@example.com`;
}

async function signUp(page: Page, email: string): Promise<void> {
  await page.goto("/");
  await page.getByRole("button", { name: "Create an account" }).click();
  await page.getByLabel("Name").fill("Maya Lindqvist");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByRole("heading", { name: "Projects" })).toBeVisible();
}

/** Create the project by hand; returns its id. */
async function createProject(page: Page, name: string): Promise<string> {
  await page.getByLabel("Name of the project").fill(name);
  await page.getByRole("button", { name: "Create project" }).click();
  await page.waitForURL(/\/canvas\?project=/);
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  return new URL(page.url()).searchParams.get("project") ?? "";
}

/** Somebody else's program at the same account: what it changes has to reach the open page by itself. */
async function program(request: APIRequestContext, email: string) {
  const answer = await request.post("/api/auth/login", { data: { email, password: PASSWORD } });
  const { access_token } = await answer.json();
  const headers = { Authorization: `Bearer ${access_token}` };
  return {
    async post(path: string, data?: unknown) {
      const posted = await request.post(path, { headers: { ...headers, "Idempotency-Key": randomUUID() }, data });
      expect(posted.ok(), `POST ${path}: ${posted.status()}`).toBe(true);
      return posted.json();
    },
    async patch(path: string, data: unknown) {
      const patched = await request.patch(path, { headers, data });
      expect(patched.ok(), `PATCH ${path}: ${patched.status()}`).toBe(true);
    },
  };
}

test("from signing up to a node whose state moves before one's eyes", async ({ page, request }) => {
  const refusedByPolicy: string[] = [];
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) {
      refusedByPolicy.push(message.text());
    }
  });
  const email = anEmail();
  await signUp(page, email);
  const projectId = await createProject(page, "Lighthouse teaser");
  await expect(page.getByText("Nothing on this canvas yet")).toBeVisible();
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  const loads = await page.evaluate(() => performance.timeOrigin);

  const other = await program(request, email);
  const node = await other.post(`/api/projects/${projectId}/nodes`, {
    type: "prompt",
    title: "Shot prompt",
    config: { text: "A lone lighthouse at dusk." },
  });
  const card = page.getByRole("article", { name: /Shot prompt/ });
  await expect(card).toContainText("A lone lighthouse at dusk.");
  await expect(card).toHaveAttribute("data-state", "idle");

  const job = await other.post("/api/ai/enhance-prompt", { project_id: projectId, node_id: node.id });
  await expect(card).not.toHaveAttribute("data-state", "idle");

  // With a worker it comes to its end by itself; where there is none, a person ends it.
  await other.post(`/api/jobs/${job.id}/cancel`);
  await expect(card).toHaveAttribute("data-state", /succeeded|cancelled/);
  await expect(card).toContainText(/Succeeded|Cancelled/);

  await other.patch(`/api/projects/${projectId}/nodes/${node.id}`, { title: "Opening" });
  await expect(page.getByRole("article", { name: /Opening/ })).toBeVisible();
  expect(await page.evaluate(() => performance.timeOrigin)).toBe(loads);
  expect(refusedByPolicy).toEqual([]);
});

test("a reload keeps one signed in and at the same place; signing out ends that", async ({ page }) => {
  await signUp(page, anEmail());
  await createProject(page, "Harbour at night");

  await page.reload();
  await expect(page.getByRole("heading", { level: 1, name: "Harbour at night" })).toBeVisible();

  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("what was missed while the network was away is shown when it is back", async ({ page, context, request }) => {
  const email = anEmail();
  await signUp(page, email);
  const projectId = await createProject(page, "Ferry");
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  const other = await program(request, email);

  await context.setOffline(true);
  await other.post(`/api/projects/${projectId}/nodes`, { type: "video", title: "Missed" });
  await context.setOffline(false);

  await expect(page.getByRole("article", { name: /Missed/ })).toBeVisible();
});

test("a refusal is told in words", async ({ page }) => {
  await page.goto("/");
  await page.getByLabel("E-mail").fill(anEmail());
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert").filter({ hasText: /\w/ })).toContainText(/password/i);

  await signUp(page, anEmail());
  await page.goto("/canvas?project=00000000-0000-4000-8000-000000000000");
  await expect(page.getByRole("alert").filter({ hasText: /\w/ })).toContainText("There is no such project");
});

test("the pages have no accessibility faults that a machine can find, in either theme and at any width", async ({
  page,
  request,
}) => {
  const email = anEmail();
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expectAccessible(page);
  await signUp(page, email);
  await expectAccessible(page);
  const projectId = await createProject(page, "Lighthouse teaser");
  const other = await program(request, email);
  for (const node of [
    { type: "prompt", title: "Words", config: { text: "A lone lighthouse at dusk." } },
    { type: "image", title: "Mara" },
    { type: "video", title: "Hero shot" },
  ]) {
    await other.post(`/api/projects/${projectId}/nodes`, node);
  }
  await expect(page.getByRole("article")).toHaveCount(3);
  await expectAccessible(page);
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 360, height: 740 });
  await expectAccessible(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
});

async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
}
