/** A video that grows: so many extensions, the words of each, and the chain of clips that comes of it. */

import { expect, test } from "@playwright/test";
import { Canvas, GENERATION_TIMEOUT } from "./support/canvas";
import { beSignedIn } from "./support/people";
import { durationOf } from "./support/playing";
import { Program } from "./support/program";

test("a video grows by two extensions with words of their own, shown as a strip before and after", async ({
  page,
  request,
}) => {
  test.setTimeout(2 * GENERATION_TIMEOUT);
  const program = await Program.of(request, await beSignedIn(page, request));
  const projectId = await program.createProject(
    "Long take",
    [
      { key: "a", type: "prompt", title: "Words", x: 0, config: { text: "A lone lighthouse at dusk." } },
      { key: "b", type: "video", title: "Shot", x: 420, config: { duration_seconds: 4 } },
    ],
    [["a", "prompt", "b", "prompt"]],
  );
  const canvas = await Canvas.open(page, projectId);
  await canvas.select("Shot");
  const { inspector } = canvas;
  const clips = inspector.getByRole("list", { name: "The chain" }).getByRole("listitem");

  const words = ["The lamp comes on.", "Gulls rise from the rocks."];
  for (const [index, prompt] of words.entries()) {
    await inspector.getByRole("button", { name: "Add an extension" }).click();
    await inspector.getByLabel(`Extension ${index + 1}`).fill(prompt);
    await inspector.getByLabel(`Extension ${index + 1}`).blur();
  }
  await expect(clips).toHaveText([
    /First clip, 4 s, new, \$1\.60$/,
    /Extension 1, 7 s, new, \$2\.80$/,
    /Extension 2, 7 s, new, \$2\.80$/,
  ]);
  await expect(inspector).toContainText("18 s in all");

  await inspector.getByRole("button", { name: "Run $7.20" }).click();
  await canvas.expectState("Shot", "running");
  await canvas.expectState("Shot", "succeeded", { clips: 3 });

  await expect(clips).toHaveText([/First clip, 4 s, there already$/, /there already$/, /there already$/]);
  const shot = canvas.node("Shot");
  await shot.getByRole("button", { name: "Play Shot" }).click();
  await expect.poll(() => durationOf(shot.locator("video"))).toBeCloseTo(18, 0);
  await shot.hover();
  await shot.getByRole("button", { name: "Open" }).click();
  const grown = page.getByRole("dialog", { name: "Shot" }).getByRole("list", { name: "Its clips" });
  await expect(grown.getByRole("listitem")).toHaveText(["4 s", "+ 7 s", "+ 7 s"]);
  const { config } = await program.node(projectId, "Shot");
  expect(config.extensions).toMatchObject(words.map((prompt) => ({ prompt })));
});
