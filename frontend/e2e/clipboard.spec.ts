/** Copy, cut and paste: between projects and tabs, as text that anything can carry. */

import { expect, test } from "@playwright/test";
import { Canvas } from "./support/canvas";
import { beSignedIn } from "./support/people";
import { Program } from "./support/program";

const NODES = [
  { key: "a", type: "prompt", title: "Words", x: 0, config: { text: "A lone lighthouse at dusk." } },
  { key: "b", type: "video", title: "Shot", x: 420, config: { duration_seconds: 6 } },
];

test("nodes and the wires between them are pasted into another project in another tab", async ({ page, request }) => {
  const program = await Program.of(request, await beSignedIn(page, request));
  const from = await program.createProject("Teaser", NODES, [["a", "prompt", "b", "prompt"]]);
  const to = await program.createProject("Trailer");
  const first = await Canvas.open(page, from);
  await expect(first.node("Shot")).toBeVisible();
  await first.clickEmpty();
  await first.press("Control+a", "Control+c");

  const second = await Canvas.open(await page.context().newPage(), to);
  await second.page.bringToFront();
  await second.press("Control+v");

  await expect(second.node("Words")).toContainText("A lone lighthouse at dusk.");
  await expect(second.node("Shot")).toBeVisible();
  await expect.poll(() => program.wires(to)).toEqual(["Words.prompt > Shot.prompt"]);
  expect((await program.node(to, "Shot")).config).toMatchObject({ duration_seconds: 6 });
  expect(await program.titles(from)).toEqual(["Shot", "Words"]);
});

test("what is cut here and pasted there is only there", async ({ page, request }) => {
  const program = await Program.of(request, await beSignedIn(page, request));
  const from = await program.createProject("Teaser", NODES);
  const to = await program.createProject("Trailer");
  const canvas = await Canvas.open(page, from);
  await canvas.select("Words");
  await canvas.press("Control+x");
  await expect.poll(() => program.titles(from)).toEqual(["Shot"]);

  await Canvas.open(page, to);
  await canvas.press("Control+v");

  await expect(canvas.node("Words")).toBeVisible();
  await expect.poll(() => program.titles(to)).toEqual(["Words"]);
});

test("duplicating leaves the original, and the copy beside it", async ({ page, request }) => {
  const program = await Program.of(request, await beSignedIn(page, request));
  const projectId = await program.createProject("Teaser", NODES, [["a", "prompt", "b", "prompt"]]);
  const canvas = await Canvas.open(page, projectId);
  await canvas.select("Shot");

  await canvas.press("Control+d");

  await expect.poll(async () => (await program.open(projectId)).nodes.length).toBe(3);
  const { nodes } = await program.open(projectId);
  const videos = nodes.filter(({ type }) => type === "video");
  expect(videos.map(({ config }) => config.duration_seconds)).toEqual([6, 6]);
  expect(videos[0]?.position).not.toEqual(videos[1]?.position);
});
