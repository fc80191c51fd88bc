/** Wires: what fits is connected, what does not says why, and what is dropped on nothing offers what would fit. */

import { expect, test } from "@playwright/test";
import { Canvas, middleOf } from "./support/canvas";
import { beSignedIn } from "./support/people";
import { Program } from "./support/program";

const NODES = [
  { key: "a", type: "prompt", title: "Words", x: 0 },
  { key: "b", type: "video", title: "Shot", x: 460 },
  { key: "c", type: "video", title: "Sequel", x: 460, y: 420 },
];

test("a wire that does not fit says why, and nothing is connected", async ({ page, request }) => {
  const program = await Program.of(request, await beSignedIn(page, request));
  const projectId = await program.createProject("Teaser", NODES);
  const canvas = await Canvas.open(page, projectId);
  await canvas.fit();

  await canvas.pullWire("Words", await middleOf(canvas.input("Shot", "First frame")));

  await expect(page.getByText("“Words” gives text, but First frame of “Shot” takes a picture.")).toBeVisible();
  await page.mouse.up();
  expect(await program.wires(projectId)).toEqual([]);
});

test("a wire that would close a circle says so", async ({ page, request }) => {
  const program = await Program.of(request, await beSignedIn(page, request));
  const projectId = await program.createProject("Teaser", NODES, [["b", "video", "c", "video"]]);
  const canvas = await Canvas.open(page, projectId);
  await canvas.fit();

  await canvas.pullWire("Sequel", await middleOf(canvas.input("Shot", "Video to extend")));

  await expect(page.getByText(/would make a circle/)).toBeVisible();
  await page.mouse.up();
  expect(await program.wires(projectId)).toEqual(["Shot.video > Sequel.video"]);
});

test("a wire that is dropped on empty canvas offers the nodes that fit, and connects the one that is chosen", async ({
  page,
  request,
}) => {
  const program = await Program.of(request, await beSignedIn(page, request));
  const projectId = await program.createProject("Teaser", NODES.slice(0, 1));
  const canvas = await Canvas.open(page, projectId);
  const { x, y } = await middleOf(canvas.node("Words"));

  await canvas.pullWire("Words", { x: x + 260, y: y + 40 });
  await page.mouse.up();
  const menu = page.getByLabel("Which node to connect to").first();
  await expect(menu).toBeVisible();
  const offered = page.getByRole("option");
  await expect(offered).toHaveText([/^Video/]);
  await offered.click();

  await expect.poll(() => program.wires(projectId)).toEqual(["Words.prompt > Video.prompt"]);
});

test("a wire that is dropped on a node takes its first free input that fits", async ({ page, request }) => {
  const program = await Program.of(request, await beSignedIn(page, request));
  const projectId = await program.createProject("Teaser", NODES);
  const canvas = await Canvas.open(page, projectId);
  await canvas.fit();

  await canvas.pullWire("Shot", await middleOf(canvas.node("Sequel")));
  await page.mouse.up();

  await expect.poll(() => program.wires(projectId)).toEqual(["Shot.video > Sequel.video"]);
});
