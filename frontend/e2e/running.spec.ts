/** Work that goes on while people do other things: reloads, refusals, a change of mind. */

import { randomUUID } from "node:crypto";
import { expect, test } from "@playwright/test";
import { Canvas, GENERATION_TIMEOUT } from "./support/canvas";
import { beSignedIn } from "./support/people";
import { Program } from "./support/program";

/** Words wired into a short video. */
async function aShot(program: Program, words: string): Promise<string> {
  return program.createProject(
    "Teaser",
    [
      { key: "a", type: "prompt", title: "Words", x: 0, config: { text: words } },
      { key: "b", type: "video", title: "Shot", x: 420, config: { duration_seconds: 4 } },
    ],
    [["a", "prompt", "b", "prompt"]],
  );
}

test("a generation goes on over a reload, and ends before one's eyes", { tag: "@live" }, async ({ page, request }) => {
  test.setTimeout(GENERATION_TIMEOUT);
  const program = await Program.of(request, await beSignedIn(page, request));
  const projectId = await aShot(program, "A lone lighthouse at dusk. [simulate:slow:10]");
  const canvas = await Canvas.open(page, projectId);
  await canvas.run("Shot");
  await canvas.expectState("Shot", "running");

  await page.reload();
  await expect(canvas.node("Shot")).toHaveAttribute("data-state", "running");
  await expect(canvas.node("Shot")).toContainText("Rendering");

  await canvas.expectState("Shot", "succeeded");
  await expect(canvas.node("Shot").getByRole("button", { name: "Play Shot" })).toBeVisible();
  expect((await program.open(projectId)).money.captured_microusd).toBe(1_600_000);
});

test("a blocked generation says why and what to change; changed, it works", async ({ page, request }) => {
  test.setTimeout(GENERATION_TIMEOUT);
  const program = await Program.of(request, await beSignedIn(page, request));
  const projectId = await aShot(program, "A famous actor walks along the pier. [simulate:blocked:15236754]");
  const canvas = await Canvas.open(page, projectId);
  const shot = canvas.node("Shot");
  await canvas.run("Shot");

  await canvas.expectState("Shot", "blocked");
  await expect(shot).toContainText("Stopped by the input filter");
  await expect(shot).toContainText("looks like a real, known person");
  await expect(shot).toContainText("take names of known people out of the prompt");
  await expect(shot).toContainText("Nothing was generated and you were not charged.");

  await shot.getByRole("button", { name: "Edit prompt" }).click();
  const words = canvas.node("Words").getByRole("textbox");
  await expect(words).toBeFocused();
  await words.fill("An old fisherman walks along the pier.");
  await canvas.run("Shot");

  await canvas.expectState("Shot", "succeeded");
  expect((await program.open(projectId)).money.captured_microusd).toBe(1_600_000);
});

test("a run can be stopped, and the node says so", async ({ page, request }) => {
  test.setTimeout(GENERATION_TIMEOUT);
  const program = await Program.of(request, await beSignedIn(page, request));
  const projectId = await aShot(program, "A lone lighthouse at dusk. [simulate:slow:120]");
  const canvas = await Canvas.open(page, projectId);
  await canvas.run("Shot");
  await canvas.expectState("Shot", "running");

  const bar = page.getByRole("region", { name: "Runs under way" });
  await bar.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Stop", exact: true }).click();

  await canvas.expectState("Shot", "cancelled");
  await expect(bar).toHaveCount(0);
});

test("a video is cancelled on its card; one that failed for a passing cause is made by its Retry", async ({
  page,
  request,
}) => {
  test.setTimeout(GENERATION_TIMEOUT);
  const program = await Program.of(request, await beSignedIn(page, request));
  const projectId = await aShot(program, "A lone lighthouse at dusk. [simulate:slow:120]");
  const canvas = await Canvas.open(page, projectId);
  const shot = canvas.node("Shot");
  await canvas.run("Shot");
  await canvas.expectState("Shot", "running");
  await shot.hover();
  await shot.getByRole("button", { name: "Cancel" }).click();
  await canvas.expectState("Shot", "cancelled");
  await expect(shot).toContainText("Cancelled while the provider was at work");

  // It strikes every other time that just these words are sent.
  await canvas.write("Words", `Lighthouse ${randomUUID()} at dusk. [simulate:passing_error]`);
  await canvas.run("Shot");
  await canvas.expectState("Shot", "failed");
  await expect(shot).toContainText("You were not charged.");
  await shot.getByRole("button", { name: "Retry" }).click();

  await canvas.expectState("Shot", "succeeded");
  await expect(shot.getByRole("button", { name: "Play Shot" })).toBeVisible();
});

test("run all shows its plan with every price first", async ({ page, request }) => {
  test.setTimeout(GENERATION_TIMEOUT);
  const program = await Program.of(request, await beSignedIn(page, request));
  const projectId = await aShot(program, "A lone lighthouse at dusk.");
  const canvas = await Canvas.open(page, projectId);
  await canvas.clickEmpty();

  await canvas.press("Control+Shift+Enter");
  const plan = page.getByRole("dialog", { name: "Run all" });
  await expect(plan.getByRole("row", { name: /Shot.*Veo 3\.1.*\$1\.60/ })).toBeVisible();
  await plan.getByRole("button", { name: "Run $1.60" }).click();

  await expect(plan).toHaveCount(0);
  await canvas.expectState("Shot", "succeeded");
});
