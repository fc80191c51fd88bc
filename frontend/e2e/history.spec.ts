/** Undo and redo: by steps, over a reload, and never of what somebody else has changed since. */

import { expect, test } from "@playwright/test";
import { Canvas, GENERATION_TIMEOUT } from "./support/canvas";
import { beSignedIn, register, somebody } from "./support/people";
import { Program } from "./support/program";

const UNDO = "Control+z";
const REDO = "Control+Shift+z";

async function renameTo(canvas: Canvas, from: string, to: string): Promise<void> {
  await canvas.select(from);
  await canvas.press("F2");
  await canvas.page.getByLabel("Name of the node").fill(to);
  await canvas.press("Enter");
  await expect(canvas.node(to)).toBeVisible();
}

test("each step is taken back and done again, in the picture and on the server", async ({ page, request }) => {
  const program = await Program.of(request, await beSignedIn(page, request));
  const nodes = [
    { key: "a", type: "prompt", title: "Words", x: 0 },
    { key: "b", type: "video", title: "Shot", x: 420 },
  ];
  const projectId = await program.createProject("Teaser", nodes, [["a", "prompt", "b", "prompt"]]);
  const canvas = await Canvas.open(page, projectId);
  const place = async () => (await program.node(projectId, "Words")).position;
  const before = await place();

  await canvas.drag("Words", { x: 40, y: 120 });
  await expect.poll(place).not.toEqual(before);
  const after = await place();
  await canvas.select("Shot");
  await canvas.press("Delete");
  await expect(canvas.node("Shot")).toHaveCount(0);

  await canvas.press(UNDO);
  await expect(canvas.node("Shot")).toBeVisible();
  await expect.poll(() => program.wires(projectId)).toEqual(["Words.prompt > Shot.prompt"]);
  await canvas.press(UNDO);
  await expect.poll(place).toEqual(before);

  await canvas.press(REDO);
  await expect.poll(place).toEqual(after);
  await canvas.press(REDO);
  await expect(canvas.node("Shot")).toHaveCount(0);
  await expect.poll(() => program.titles(projectId)).toEqual(["Words"]);
});

test("what was done before a reload can be taken back after it", async ({ page, request }) => {
  const program = await Program.of(request, await beSignedIn(page, request));
  const projectId = await program.createProject("Teaser", [{ key: "a", type: "prompt", title: "Words", x: 0 }]);
  const canvas = await Canvas.open(page, projectId);
  await renameTo(canvas, "Words", "Opening");
  await expect.poll(() => program.titles(projectId)).toEqual(["Opening"]);

  await page.reload();
  await canvas.isLive();
  await canvas.press(UNDO);

  await expect(canvas.node("Words")).toBeVisible();
  await expect.poll(() => program.titles(projectId)).toEqual(["Words"]);
});

test("what somebody else has changed since is not taken back; what is one's own still is", async ({
  page,
  request,
}) => {
  const program = await Program.of(request, await beSignedIn(page, request));
  const projectId = await program.createProject("Teaser", [
    { key: "a", type: "prompt", title: "Words", x: 0 },
    { key: "b", type: "video", title: "Shot", x: 420 },
  ]);
  const jon = await register(request, somebody("Jon"));
  await program.post(`/api/projects/${projectId}/members`, { email: jon.email, role: "editor" });
  const canvas = await Canvas.open(page, projectId);
  await renameTo(canvas, "Shot", "Hero shot");
  await renameTo(canvas, "Words", "Maya's words");
  await expect.poll(() => program.titles(projectId)).toEqual(["Hero shot", "Maya's words"]);
  const theirs = await Program.of(request, jon);
  const { id } = await theirs.node(projectId, "Maya's words");
  await theirs.patchNode(projectId, id, { title: "Jon's words" });
  await expect(canvas.node("Jon's words")).toBeVisible();

  await canvas.press(UNDO);

  await expect(canvas.node("Shot")).toBeVisible();
  await expect(canvas.node("Jon's words")).toBeVisible();
  await expect.poll(() => program.titles(projectId)).toEqual(["Jon's words", "Shot"]);
});

test("undoing does not run anything again", async ({ page, request }) => {
  test.setTimeout(GENERATION_TIMEOUT);
  const program = await Program.of(request, await beSignedIn(page, request));
  const projectId = await program.createProject(
    "Teaser",
    [
      { key: "a", type: "prompt", title: "Words", x: 0, config: { text: "A lighthouse at dusk." } },
      { key: "b", type: "video", title: "Shot", x: 420, config: { duration_seconds: 4 } },
    ],
    [["a", "prompt", "b", "prompt"]],
  );
  const canvas = await Canvas.open(page, projectId);
  await canvas.run("Shot");
  await canvas.expectState("Shot", "succeeded");
  const spent = async () => (await program.open(projectId)).money.captured_microusd;
  await expect.poll(spent).toBe(1_600_000);

  await renameTo(canvas, "Shot", "Hero shot");
  await canvas.press(UNDO, REDO, UNDO);

  await expect(canvas.node("Shot")).toHaveAttribute("data-state", "succeeded");
  await canvas.isSaved();
  const { money } = await program.open(projectId);
  expect([money.captured_microusd, money.reserved_microusd]).toEqual([1_600_000, 0]);
});
