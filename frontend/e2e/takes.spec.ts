/** What people do with a video that is made: compare its takes, choose one, find it again, look at it on a phone. */

import { stat } from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { expectNoSideways } from "./support/accessible";
import { Canvas, GENERATION_TIMEOUT } from "./support/canvas";
import { type Person, register, signIn } from "./support/people";
import { expectPlays } from "./support/playing";
import { Program } from "./support/program";

let person: Person;
let projectId: string;

/** Two takes of one shot, for all that follows. */
test.beforeAll(async ({ request }) => {
  test.setTimeout(GENERATION_TIMEOUT);
  person = await register(request);
  const program = await Program.of(request, person);
  projectId = await program.createProject(
    "Lighthouse teaser",
    [
      { key: "a", type: "prompt", title: "Words", x: 0, config: { text: "A lone lighthouse at dusk." } },
      { key: "b", type: "video", title: "Shot", x: 420, config: { duration_seconds: 4, samples: 2 } },
    ],
    [["a", "prompt", "b", "prompt"]],
  );
  await program.make(projectId, "Shot");
});

test("two takes play side by side, and the node shows the one that was chosen", async ({ page, request }) => {
  await signIn(page, person);
  const program = await Program.of(request, person);
  const canvas = await Canvas.open(page, projectId);
  const shot = canvas.node("Shot");
  const chosen = async () => (await program.node(projectId, "Shot")).selected_take_id;
  const before = await chosen();
  await shot.hover();
  await shot.getByRole("button", { name: "Open" }).click();
  const viewer = page.getByRole("dialog", { name: "Shot" });

  await viewer.getByRole("button", { name: /^Compare with take/ }).click();
  const videos = viewer.locator("video");
  await expect(videos).toHaveCount(2);
  await viewer.getByRole("button", { name: "Play" }).click();
  await Promise.all([expectPlays(videos.first()), expectPlays(videos.last())]);

  const other = viewer.getByRole("region").filter({ hasNotText: "The node uses this take" });
  const name = (await other.getByRole("heading", { level: 3 }).textContent()) ?? "";
  await other.getByRole("button", { name: "Use this take" }).click();
  await expect(viewer.getByRole("region", { name })).toContainText("The node uses this take");
  await expect(videos).toHaveCount(2); // one can go on comparing
  await page.keyboard.press("Escape");

  const version = shot.getByRole("group", { name: "Takes" }).getByRole("button", { name: `${name} of 2` });
  await expect(version).toHaveAttribute("aria-pressed", "true");
  await expect.poll(chosen).not.toBe(before);
  await page.reload();
  await expect(version).toHaveAttribute("aria-pressed", "true");
});

test("the gallery shows what was made, leads to it, opens it and downloads it", async ({ page }) => {
  await signIn(page, person);
  const canvas = await Canvas.open(page, projectId);
  await page.getByRole("button", { name: "Gallery" }).click();
  const gallery = page.getByRole("complementary", { name: "Gallery" });
  const takes = gallery.getByRole("figure");
  await expect(takes).toHaveText([/4 s.*Shot$/, /4 s.*Shot$/]);
  const viewer = page.getByRole("dialog", { name: "Shot" });

  await takes.first().getByRole("button", { name: "Go to Shot" }).click();
  await expect(canvas.inspector).toContainText("Shot");

  for (const [index, name] of ["Take 2", "Take 1"].entries()) {
    await takes.nth(index).hover();
    await takes.nth(index).getByRole("button", { name: "Open Shot" }).click();
    await expect(viewer.getByLabel(name, { exact: true }).and(page.locator("video"))).toBeVisible();
    await page.keyboard.press("Escape");
  }

  await takes.last().hover();
  const downloading = page.waitForEvent("download");
  await takes
    .last()
    .getByRole("button", { name: /^Download .+\.mp4$/ })
    .click();
  const download = await downloading;
  expect(download.suggestedFilename()).toMatch(/\.mp4$/);
  expect((await stat(await download.path())).size).toBeGreaterThan(10_000);
});

test("nodes are grouped into a frame, which has a title, tells what was spent in it, and moves as one", async ({
  page,
  request,
}) => {
  await signIn(page, person);
  const program = await Program.of(request, person);
  const canvas = await Canvas.open(page, projectId);
  await canvas.clickEmpty();
  await canvas.press("Control+a");
  await page
    .getByRole("toolbar", { name: "Arrange 2 nodes" })
    .getByRole("button", { name: "Group into a frame" })
    .click();
  const frame = canvas.node("Frame");
  await expect(frame).toContainText("2 nodes · $3.20 so far");

  await frame.getByRole("heading").dblclick();
  await page.getByLabel("Name of the node").fill("Scene 1: Dusk");
  await canvas.press("Enter");
  await expect(canvas.node("Scene 1: Dusk")).toContainText("2 nodes · $3.20 so far");

  const place = async (title: string) => (await program.node(projectId, title)).position;
  const [words, shot] = [await place("Words"), await place("Shot")];
  await canvas.fit();
  await canvas.drag("Scene 1: Dusk", { x: 60, y: 40 });
  await expect.poll(() => place("Words")).not.toEqual(words);
  const moved = await place("Words");
  await expect.poll(() => place("Shot")).toEqual({ x: shot.x + moved.x - words.x, y: shot.y + moved.y - words.y });
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });

  test("one opens a project, looks at a finished video, and plays it", async ({ page }) => {
    await signIn(page, person);
    await page.goto("/");
    await page.getByRole("link", { name: "Lighthouse teaser" }).tap();
    const canvas = new Canvas(page);
    await canvas.isLive();
    await canvas.isAtRest();
    await expectNoSideways(page);

    const shot = canvas.node("Shot");
    await page.touchscreen.tap(250, 400); // on the shot, which is only painted where all is in view
    await canvas.isAtRest();
    await shot.getByRole("button", { name: "Open" }).tap();
    const viewer = page.getByRole("dialog", { name: "Shot" });
    await viewer.getByRole("button", { name: "Play" }).tap();
    await expectPlays(viewer.locator("video"));
    await expectNoSideways(page);
    await viewer.getByRole("button", { name: "Close" }).tap();

    await shot.getByRole("button", { name: "Play Shot" }).tap();
    await expectPlays(shot.locator("video"));
  });
});
