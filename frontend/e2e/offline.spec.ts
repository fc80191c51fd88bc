/** Without a network: one goes on working, sees that it is kept, and finds it merged with what others did meanwhile. */

import { expect, test } from "@playwright/test";
import { Canvas } from "./support/canvas";
import { beSignedIn } from "./support/people";
import { Program } from "./support/program";

test("edits without a network are kept, shown as kept, and merged on return", async ({ page, context, request }) => {
  const program = await Program.of(request, await beSignedIn(page, request));
  const projectId = await program.createProject("Ferry", [
    { key: "a", type: "prompt", title: "Words", x: 0, config: { text: "A ferry in the fog." } },
    { key: "b", type: "video", title: "Shot", x: 420 },
  ]);
  const canvas = await Canvas.open(page, projectId);

  await context.setOffline(true);
  await canvas.write("Words", "A ferry in the morning fog.");
  await canvas.clickEmpty();
  await canvas.press("t");
  await expect(canvas.node("Prompt")).toBeVisible();
  await expect(page.getByText(/kept on this device/i)).toBeVisible();
  await program.patchNode(projectId, (await program.node(projectId, "Shot")).id, { title: "Meanwhile" });
  expect(await program.titles(projectId)).toEqual(["Meanwhile", "Words"]);

  await context.setOffline(false);

  await expect(canvas.node("Meanwhile")).toBeVisible();
  await expect.poll(() => program.titles(projectId)).toEqual(["Meanwhile", "Prompt", "Words"]);
  expect((await program.node(projectId, "Words")).config).toMatchObject({ text: "A ferry in the morning fog." });
  await canvas.isSaved();
});

test("edits that were never sent are there in a new tab, and reach the server from it", async ({
  page,
  context,
  request,
}) => {
  const program = await Program.of(request, await beSignedIn(page, request));
  const projectId = await program.createProject("Ferry", [{ key: "a", type: "prompt", title: "Words", x: 0 }]);
  const canvas = await Canvas.open(page, projectId);
  await context.setOffline(true);
  await canvas.write("Words", "Written on the train.");
  await expect(page.getByText(/kept on this device/i)).toBeVisible();

  const next = await context.newPage();
  await page.close();
  expect((await program.node(projectId, "Words")).config).toMatchObject({ text: "" });
  await context.setOffline(false);
  const reopened = await Canvas.open(next, projectId);

  await expect(reopened.node("Words").getByRole("textbox")).toHaveValue("Written on the train.");
  await expect
    .poll(async () => (await program.node(projectId, "Words")).config)
    .toMatchObject({ text: "Written on the train." });
});

test("what was missed while the network was away is shown when it is back", { tag: "@live" }, async ({
  page,
  context,
  request,
}) => {
  const program = await Program.of(request, await beSignedIn(page, request));
  const projectId = await program.createProject("Ferry", [{ key: "a", type: "prompt", title: "Words", x: 0 }]);
  const canvas = await Canvas.open(page, projectId);

  await context.setOffline(true);
  await program.post(`/api/projects/${projectId}/nodes`, { type: "note", title: "Missed", position: { x: 420, y: 0 } });
  await context.setOffline(false);

  await expect(canvas.node("Missed")).toBeVisible();
});
