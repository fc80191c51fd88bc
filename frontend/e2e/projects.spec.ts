/** One's projects: templates, copies, files, and the end of one. */

import { readFile } from "node:fs/promises";
import { expect, type Page, test } from "@playwright/test";
import { Canvas } from "./support/canvas";
import { beSignedIn, somebody } from "./support/people";
import { Program } from "./support/program";

const linkTo = (page: Page, name: string) => page.getByRole("link", { name, exact: true });

async function choose(page: Page, project: string, item: RegExp): Promise<void> {
  await page.getByRole("button", { name: `Menu of ${project}`, exact: true }).click();
  await page.getByRole("menuitem", { name: item }).click();
}

for (const [template, video, nodes] of [
  ["Portrait to video", "Living portrait", 5],
  ["One character, three scenes", "Scene 2: Night train", 9],
  ["Long take with extensions", "Before dawn", 4],
] as const) {
  test(`a project begins with the template ${template}`, async ({ page, request }) => {
    const program = await Program.of(request, await beSignedIn(page, request));
    await page.goto("/");
    await page.getByRole("radio", { name: template }).check();
    await page.getByRole("button", { name: "Create project" }).click();

    await expect(page).toHaveURL(/\/canvas\?project=/);
    const canvas = new Canvas(page);
    await expect(page.getByRole("heading", { level: 1 })).toContainText(template);
    await expect(canvas.node(video)).toBeVisible();
    expect((await program.open(canvas.projectId)).nodes).toHaveLength(nodes);
  });
}

test("a project is renamed, duplicated and deleted", async ({ page, request }) => {
  const program = await Program.of(request, await beSignedIn(page, request));
  await program.createProject("Teaser", [{ key: "a", type: "prompt", title: "Words", x: 0 }]);
  await page.goto("/");

  await choose(page, "Teaser", /^Rename/);
  await page.getByLabel("Name", { exact: true }).fill("Trailer");
  await page.getByRole("button", { name: "Rename" }).click();
  await expect(linkTo(page, "Trailer")).toBeVisible();

  await choose(page, "Trailer", /^Duplicate/);
  await linkTo(page, "Trailer copy").click();
  await expect(new Canvas(page).node("Words")).toBeVisible();
  await page.goBack();

  await choose(page, "Trailer", /^Delete/);
  await page.getByRole("button", { name: "Delete project" }).click();
  await expect(linkTo(page, "Trailer")).toHaveCount(0);
  await page.reload();
  await expect(linkTo(page, "Trailer copy")).toBeVisible();
  await expect(linkTo(page, "Trailer")).toHaveCount(0);
});

test("a workflow travels as a file from one person to another", async ({ page, request, browser }) => {
  const program = await Program.of(request, await beSignedIn(page, request));
  await program.createProject(
    "Café teaser",
    [
      { key: "a", type: "prompt", title: "Words", x: 0, config: { text: "A lone lighthouse at dusk." } },
      { key: "b", type: "video", title: "Shot", x: 420 },
    ],
    [["a", "prompt", "b", "prompt"]],
  );
  await page.goto("/");
  const downloading = page.waitForEvent("download");
  await choose(page, "Café teaser", /^Export/);
  const download = await downloading;
  expect(download.suggestedFilename()).toBe("cafe-teaser.reelgraph.json");
  const path = await download.path();
  expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({ format: "reelgraph.workflow", name: "Café teaser" });

  const other = await (await browser.newContext()).newPage();
  const jon = await beSignedIn(other, request, somebody("Jon"));
  await other.goto("/");
  await other.getByLabel("Workflow file").setInputFiles(path);
  await expect(other).toHaveURL(/\/canvas\?project=/);
  const canvas = new Canvas(other);
  await expect(canvas.node("Words")).toContainText("A lone lighthouse at dusk.");
  const theirs = await Program.of(request, jon);
  expect(await theirs.wires(canvas.projectId)).toEqual(["Words.prompt > Shot.prompt"]);
  await other.context().close();
});

test("a project in which paid work runs is not deleted, and the window says why", async ({ page, request }) => {
  const program = await Program.of(request, await beSignedIn(page, request));
  const projectId = await program.createProject(
    "Teaser",
    [
      { key: "a", type: "prompt", title: "Words", x: 0, config: { text: "A lighthouse. [simulate:slow:60]" } },
      { key: "b", type: "video", title: "Shot", x: 420, config: { duration_seconds: 4 } },
    ],
    [["a", "prompt", "b", "prompt"]],
  );
  await program.run(projectId, "Shot");
  await page.goto("/");

  await choose(page, "Teaser", /^Delete/);
  await page.getByRole("button", { name: "Delete project" }).click();

  await expect(page.getByRole("dialog").getByRole("alert")).toContainText("'Shot' is at work.");
  await page.getByRole("button", { name: "Keep it" }).click();
  await expect(linkTo(page, "Teaser")).toBeVisible();
  await program.cancelRuns(projectId);
});
