/** The canvas without a mouse: outline, palette and shortcuts are enough for everything. */

import { expect, test } from "@playwright/test";
import { Canvas, GENERATION_TIMEOUT } from "./support/canvas";
import { beSignedIn } from "./support/people";
import { Program } from "./support/program";

test("a video is made from nothing by keys alone", async ({ page, request }) => {
  test.setTimeout(GENERATION_TIMEOUT);
  const program = await Program.of(request, await beSignedIn(page, request));
  const projectId = await program.createProject("Teaser");
  const canvas = await Canvas.open(page, projectId);
  const { keyboard } = page;

  await test.step("the palette adds nodes", async () => {
    await canvas.press("Control+k");
    await keyboard.type("add prompt");
    await canvas.press("Enter");
    await expect(canvas.node("Prompt")).toBeVisible();
    await canvas.press("Control+k");
    await keyboard.type("add video");
    await canvas.press("Enter");
    await expect(canvas.node("Video")).toBeVisible();
  });

  // The video is wider and both were put in the middle: it stands first in the outline, and the prompt last.
  await test.step("the outline lists them, and renames", async () => {
    await canvas.press("o");
    const outline = page.getByRole("tree");
    await expect(outline).toBeFocused();
    await expect(outline.getByRole("treeitem")).toHaveCount(2);
    await canvas.press("End", "F2");
    await page.getByRole("dialog").getByLabel("Name").fill("Words");
    await canvas.press("Enter");
    await expect(page.getByRole("treeitem", { name: /^Prompt: Words/ })).toBeVisible();
  });

  await test.step("the outline's menu connects", async () => {
    await page.getByRole("tree").focus();
    await canvas.press("End", "Shift+F10");
    await page.getByRole("menuitem", { name: /^Connect/ }).press("Enter");
    await expect(page.getByRole("combobox", { name: "Where the output leads" })).toBeFocused();
    await expect(page.getByRole("option", { name: /^Video: Prompt/ })).toBeVisible();
    await canvas.press("Enter");
    await expect.poll(() => program.wires(projectId)).toEqual(["Words.prompt > Video.prompt"]);
  });

  await test.step("words are typed and the video is run", async () => {
    await canvas.node("Words").getByRole("textbox").focus();
    await keyboard.type("A lone lighthouse at dusk.");
    await canvas.press("Escape");
    await page.getByRole("tree").focus();
    await canvas.press("Home", "Enter");
    await canvas.press("Control+Enter");
    await canvas.expectState("Video", "succeeded");
  });
});

test("the help sheet lists the shortcuts, and the shortcuts do what it says", async ({ page, request }) => {
  const program = await Program.of(request, await beSignedIn(page, request));
  const projectId = await program.createProject("Teaser");
  const canvas = await Canvas.open(page, projectId);

  await canvas.press("?");
  const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(sheet).toContainText("Undo");
  await canvas.press("Escape");
  await expect(sheet).toHaveCount(0);

  await canvas.press("t", "i", "m");
  await expect.poll(() => program.titles(projectId)).toEqual(["Image", "Prompt", "Video"]);
  await canvas.press("Control+a", "Control+g");
  await expect
    .poll(async () => (await program.open(projectId)).nodes.map(({ type }) => type).sort())
    .toContain("frame");
  await canvas.press("Control+z", "Control+z");
  await expect.poll(() => program.titles(projectId)).toEqual(["Image", "Prompt"]);
});

test("the search finds a node by its words and goes there", async ({ page, request }) => {
  const program = await Program.of(request, await beSignedIn(page, request));
  const far = Array.from({ length: 30 }, (_, index) => ({
    key: `n${index}`,
    type: "prompt",
    title: `Words ${index}`,
    x: index * 2_000,
    config: { text: index === 27 ? "A heron takes off from the pier." : "Something else." },
  }));
  const canvas = await Canvas.open(page, await program.createProject("Wide", far));

  await canvas.press("Control+f");
  await page.keyboard.type("heron");
  await page.keyboard.press("Enter");

  await expect(canvas.node("Words 27")).toBeInViewport();
});
