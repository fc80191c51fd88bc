/** Several videos become one film, which is saved on the person's device. */

import { stat } from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { expectAccessible } from "./support/accessible";
import { Canvas, GENERATION_TIMEOUT } from "./support/canvas";
import { beSignedIn } from "./support/people";
import { Program } from "./support/program";

test("selected videos are exported in 1080p from left to right, watched, and downloaded", async ({ page, request }) => {
  test.setTimeout(2 * GENERATION_TIMEOUT);
  const program = await Program.of(request, await beSignedIn(page, request));
  const shot = { type: "video", config: { duration_seconds: 4, model: "veo-3.1-fast-generate-001" } };
  const projectId = await program.createProject("Teaser", [
    { ...shot, key: "b", title: "Landing", x: 420, config: { ...shot.config, prompt: "A gull lands." } },
    { ...shot, key: "a", title: "Take-off", x: 0, config: { ...shot.config, prompt: "A gull takes off." } },
  ]);
  await Promise.all(["Take-off", "Landing"].map((title) => program.make(projectId, title)));
  const canvas = await Canvas.open(page, projectId);
  await canvas.clickEmpty();
  await canvas.press("Control+a");

  await page.getByRole("toolbar", { name: "Arrange 2 nodes" }).getByRole("button", { name: "Export film" }).click();
  const dialog = page.getByRole("dialog", { name: "Export film" });
  await expect(dialog.getByRole("list", { name: "Clips of the film" }).getByRole("listitem")).toHaveText([
    /^Take-off/,
    /^Landing/,
  ]);
  await dialog.getByRole("radio", { name: "1080p" }).click();
  await expect(dialog.getByRole("status")).toHaveText("8 s, about 8 MB");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Export", exact: true }).click();

  await expect(page.getByRole("region", { name: "Film under way" })).toBeVisible();
  await expect(page.getByText("Your film is ready.")).toBeVisible({ timeout: GENERATION_TIMEOUT });
  const saved = page.waitForEvent("download");
  const news = page.getByRole("listitem").filter({ hasText: "Your film is ready." });
  await news.getByRole("button", { name: "Download" }).click();
  const film = await saved;
  expect(film.suggestedFilename()).toBe("Teaser (1080p).mp4");
  expect((await stat(await film.path())).size).toBeGreaterThan(100_000);

  // It can be saved again later, and one video alone can be exported from where it is looked at.
  await canvas.clickEmpty();
  await canvas.node("Landing").hover();
  await canvas.node("Landing").getByRole("button", { name: "Open" }).click();
  await page.getByRole("dialog", { name: "Landing" }).getByRole("button", { name: "Export film" }).click();
  await expect(dialog.getByRole("list", { name: "Clips of the film" }).getByRole("listitem")).toHaveText([/^Landing/]);
  await expect(dialog.getByRole("button", { name: "Download Teaser (1080p).mp4" })).toBeVisible();
});
