/** Two people in one project: each sees at once what the other does, and what the machine does for either. */

import { expect, test } from "@playwright/test";
import { Canvas, GENERATION_TIMEOUT } from "./support/canvas";
import { beSignedIn, somebody } from "./support/people";
import { Program } from "./support/program";

test("two people see each other's edits and the states of each other's work", { tag: "@live" }, async ({
  page,
  browser,
  request,
}) => {
  test.setTimeout(GENERATION_TIMEOUT);
  const program = await Program.of(request, await beSignedIn(page, request));
  const projectId = await program.createProject("Teaser", [
    { key: "a", type: "video", title: "Shot", x: 420, config: { duration_seconds: 4 } },
  ]);
  const mine = await Canvas.open(page, projectId);
  const other = await browser.newContext();
  const jon = await beSignedIn(await other.newPage(), request, somebody("Jon"));

  await test.step("the owner lets the other in", async () => {
    await page.getByRole("button", { name: "People" }).click();
    await page.getByLabel("E-mail of their account").fill(jon.email);
    await page.getByRole("button", { name: "Add" }).click();
    await expect(page.getByRole("list", { name: "People in this project" })).toContainText("Jon");
    await page.keyboard.press("Escape");
  });
  const theirs = await Canvas.open(other.pages()[0] ?? (await other.newPage()), projectId);
  const loaded = await page.evaluate(() => performance.timeOrigin);

  await mine.clickEmpty();
  await mine.press("t");
  await mine.write("Prompt", "A lone lighthouse at dusk. [simulate:slow:5]");
  await expect(theirs.node("Prompt").getByRole("textbox")).toHaveValue(/lone lighthouse/);

  await theirs.fit();
  await theirs.connect("Prompt", "Shot", "Prompt");
  await expect.poll(() => program.wires(projectId)).toEqual(["Prompt.prompt > Shot.prompt"]);
  await theirs.run("Shot");
  for (const canvas of [mine, theirs]) {
    await canvas.expectState("Shot", "running");
  }
  for (const canvas of [mine, theirs]) {
    await canvas.expectState("Shot", "succeeded");
  }

  await mine.select("Shot");
  await mine.press("Delete");
  await expect(theirs.node("Shot")).toHaveCount(0);
  expect(await page.evaluate(() => performance.timeOrigin)).toBe(loaded);
  await other.close();
});

test("a viewer sees all and can change nothing", async ({ page, browser, request }) => {
  const program = await Program.of(request, await beSignedIn(page, request));
  const projectId = await program.createProject("Teaser", [{ key: "a", type: "prompt", title: "Words", x: 0 }]);
  const other = await browser.newContext();
  const guest = await other.newPage();
  const ada = await beSignedIn(guest, request, somebody("Ada"));
  await program.post(`/api/projects/${projectId}/members`, { email: ada.email, role: "viewer" });

  const theirs = await Canvas.open(guest, projectId);
  await theirs.select("Words");
  await theirs.press("Delete", "t");

  await expect(theirs.node("Words").getByRole("textbox")).not.toBeEditable();
  await expect(guest.getByRole("button", { name: /^Run/ })).toHaveCount(0);
  await program.patchNode(projectId, (await program.node(projectId, "Words")).id, { title: "Opening" });
  await expect(theirs.node("Opening")).toBeVisible();
  expect(await program.titles(projectId)).toEqual(["Opening"]);
  await other.close();
});

test("two tabs of one person never overwrite each other", async ({ page, request }) => {
  const program = await Program.of(request, await beSignedIn(page, request));
  const projectId = await program.createProject("Teaser", [
    { key: "a", type: "prompt", title: "Words", x: 0 },
    { key: "b", type: "prompt", title: "Other words", x: 420 },
  ]);
  const first = await Canvas.open(page, projectId);
  const second = await Canvas.open(await page.context().newPage(), projectId);

  await Promise.all([first.write("Words", "From the first tab."), second.write("Other words", "From the second tab.")]);

  for (const canvas of [first, second]) {
    await expect(canvas.node("Words").getByRole("textbox")).toHaveValue("From the first tab.");
    await expect(canvas.node("Other words").getByRole("textbox")).toHaveValue("From the second tab.");
  }
});
