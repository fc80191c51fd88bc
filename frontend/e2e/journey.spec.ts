/** The whole way of one person: from getting an account to a video that plays, goes on, and is theirs as a file. */

import { stat } from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { Canvas, GENERATION_TIMEOUT } from "./support/canvas";
import { dropFile, PORTRAIT } from "./support/files";
import { beSignedIn, signUp } from "./support/people";
import { durationOf, expectPlays } from "./support/playing";
import { Program } from "./support/program";

test("from signing up to a video that plays, is extended and downloaded", async ({ page, request }) => {
  test.setTimeout(2 * GENERATION_TIMEOUT);
  const person = await signUp(page);
  await page.getByLabel("Name of the project").fill("Lighthouse teaser");
  await page.getByRole("radio", { name: "Blank" }).check();
  await page.getByRole("button", { name: "Create project" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Lighthouse teaser");
  const canvas = new Canvas(page);
  await canvas.isLive();
  const program = await Program.of(request, person);

  await test.step("a photo that is dropped on the canvas becomes a character", async () => {
    await dropFile(page, PORTRAIT, { x: 420, y: 560 });
    const photo = page.getByRole("article", { name: /^Image: / });
    await expect(photo).toBeVisible();
    await photo.getByRole("button", { name: "They agree" }).click();
    await expect(photo).toHaveAttribute("data-state", "succeeded", { timeout: 60_000 });
    await expect(photo).toContainText("face found");
    await expect(photo.getByText(/\d+ %$/).first()).toBeAttached();
    await expect(photo.getByRole("button", { name: /^Character .+: rename$/ })).toBeVisible();
    const name = (await photo.getByRole("heading").textContent())?.replace("Image: ", "") ?? "";
    await renameTo(canvas, name, "Portrait");
  });

  await test.step("a prompt is written and enhanced, and either wording can be taken", async () => {
    await canvas.clickEmpty();
    await canvas.press("t");
    await canvas.write("Prompt", "she turns to the sea and smiles");
    const prompt = canvas.node("Prompt");
    await prompt.getByRole("button", { name: "Enhance" }).click();
    await expect(prompt).toHaveAttribute("data-state", "succeeded", { timeout: 60_000 });
    const compare = page.getByRole("dialog", { name: /^Compare/ });

    await prompt.getByRole("button", { name: "Enhanced" }).click();
    await compare.getByRole("button", { name: "Use mine" }).click();
    await expect(prompt.getByRole("textbox")).toHaveValue("she turns to the sea and smiles");

    await compare.getByRole("button", { name: "Use enhanced" }).click();
    await expect(prompt.getByRole("textbox")).not.toHaveValue("she turns to the sea and smiles");
    await page.keyboard.press("Escape");
  });

  await test.step("both are wired into a video by dragging", async () => {
    await canvas.clickEmpty();
    await canvas.press("m");
    await expect(canvas.node("Video")).toBeVisible();
    await canvas.fit();
    await canvas.connect("Prompt", "Video", "Prompt");
    await canvas.connect("Portrait", "Video", "First frame");
    await expect
      .poll(() => program.wires(canvas.projectId))
      .toEqual(["Portrait.image > Video.image", "Prompt.prompt > Video.prompt"]);
    await canvas.clickEmpty();
    await canvas.press("l"); // from left to right, as one reads
    const leftOf = async (title: string) => (await program.node(canvas.projectId, title)).position.x;
    await expect.poll(async () => (await leftOf("Video")) - (await leftOf("Prompt"))).toBeGreaterThan(300);
    await canvas.isAtRest();
  });

  const video = canvas.node("Video");
  await test.step("the price stands on the button before anything is paid", async () => {
    await canvas.select("Video");
    await canvas.inspector.getByRole("radio", { name: "4 s" }).click();
    await expect(canvas.inspector.getByRole("button", { name: "Run $1.60" })).toBeEnabled();
  });

  await test.step("it is rendered before one's eyes", async () => {
    await canvas.inspector.getByRole("button", { name: "Run $1.60" }).click();
    await expect(video).toHaveAttribute("data-state", /queued|running/);
    await canvas.expectState("Video", "running");
    await expect(video).toContainText(/Rendering/);
    await canvas.expectState("Video", "succeeded");
    await expect(video).toContainText("$1.60");
  });

  await test.step("it plays", async () => {
    await video.getByRole("button", { name: "Play Video" }).click();
    await expectPlays(video.locator("video"));
  });

  await test.step("it goes on for one extension, and only that is paid", async () => {
    await canvas.select("Video");
    await canvas.inspector.getByRole("button", { name: "Add an extension" }).click();
    await canvas.inspector.getByLabel("Extension 1").fill("the lamp of the lighthouse comes on");
    await canvas.inspector.getByLabel("Extension 1").blur();
    await canvas.inspector.getByRole("button", { name: "Run $2.80" }).click();
    await expect(video).toHaveAttribute("data-state", /queued|running/);
    await canvas.expectState("Video", "succeeded", { clips: 2 });
    await expect.poll(async () => (await program.open(canvas.projectId)).money.reserved_microusd).toBe(0);
    await video.getByRole("button", { name: "Play Video" }).click();
    await expect.poll(() => durationOf(video.locator("video"))).toBeGreaterThan(10);
    expect(await durationOf(video.locator("video"))).toBeLessThan(12);
  });

  await test.step("it is downloaded as one file", async () => {
    await video.hover();
    const downloading = page.waitForEvent("download");
    await video.getByRole("button", { name: "Download" }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toMatch(/\.mp4$/);
    expect((await stat(await download.path())).size).toBeGreaterThan(10_000);
  });
});

test("a photo that is chosen as a file goes into the node that asked for it", async ({ page, request }) => {
  const program = await Program.of(request, await beSignedIn(page, request));
  const projectId = await program.createProject("Teaser", [{ key: "a", type: "image", title: "Mara", x: 0 }]);
  const canvas = await Canvas.open(page, projectId);

  await canvas.node("Mara").getByLabel("Picture file").setInputFiles(PORTRAIT);
  await canvas.node("Mara").getByRole("button", { name: "Picture only" }).click();

  await canvas.expectState("Mara", "succeeded");
  await expect(canvas.node("Mara")).toContainText("picture only");
  await expect(canvas.node("Mara").getByRole("img", { name: "Mara" })).toBeVisible();
  expect(await program.titles(projectId)).toEqual(["Mara"]);
});

async function renameTo(canvas: Canvas, from: string, to: string): Promise<void> {
  await canvas.node(from).getByRole("heading").dblclick();
  await canvas.page.getByLabel("Name of the node").fill(to);
  await canvas.press("Enter");
  await expect(canvas.node(to)).toBeVisible();
}
