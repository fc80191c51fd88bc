/** Order on the canvas: laid out by the machine, lined up by hand, and taken back in one step. */

import { expect, test } from "@playwright/test";
import { Canvas } from "./support/canvas";
import { beSignedIn } from "./support/people";
import { Program } from "./support/program";

/** By title. */
type Places = Record<string, { x: number; y: number }>;

async function placesOf(program: Program, projectId: string): Promise<Places> {
  const { nodes } = await program.open(projectId);
  return Object.fromEntries(nodes.map(({ title, position }) => [title, position]));
}

test("auto-layout sorts a tangle in a worker, and one step takes all of it back", async ({ page, request }) => {
  const program = await Program.of(request, await beSignedIn(page, request));
  const projectId = await program.createProject(
    "Tangle",
    [
      { key: "c", type: "video", title: "Third", x: 0 },
      { key: "b", type: "video", title: "Second", x: 40, y: 420 },
      { key: "a", type: "video", title: "First", x: 460, y: 40 },
      { key: "w", type: "prompt", title: "Words", x: 920, y: 80 },
    ],
    [
      ["w", "prompt", "a", "prompt"],
      ["a", "video", "b", "video"],
      ["b", "video", "c", "video"],
    ],
  );
  const canvas = await Canvas.open(page, projectId);
  const places = () => placesOf(program, projectId);
  const before = await places();
  await canvas.clickEmpty();

  const worker = page.waitForEvent("worker");
  await canvas.press("l");
  await worker;

  await expect
    .poll(async () =>
      Object.entries(await places())
        .sort(([, a], [, b]) => a.x - b.x)
        .map(([title]) => title),
    )
    .toEqual(["Words", "First", "Second", "Third"]);
  await canvas.isAtRest();
  for (const title of Object.keys(before)) {
    await expect(canvas.node(title)).toBeInViewport({ ratio: 1 });
  }

  await canvas.press("Control+z");
  await expect.poll(places).toEqual(before);
});

test("a selection is lined up and spread evenly by the buttons below it", async ({ page, request }) => {
  const program = await Program.of(request, await beSignedIn(page, request));
  const projectId = await program.createProject("Column", [
    { key: "a", type: "prompt", title: "One", x: 0 },
    { key: "b", type: "prompt", title: "Two", x: 60, y: 300 },
    { key: "c", type: "prompt", title: "Three", x: 20, y: 900 },
  ]);
  const canvas = await Canvas.open(page, projectId);
  const places = () => placesOf(program, projectId);
  const before = await places();
  await canvas.press("Control+a");
  const bar = page.getByRole("toolbar", { name: "Arrange 3 nodes" });

  await bar.getByRole("button", { name: "Align left" }).click();
  await bar.getByRole("button", { name: "Distribute vertically" }).click();

  await expect.poll(places).toEqual({ One: { x: 0, y: 0 }, Two: { x: 0, y: 450 }, Three: { x: 0, y: 900 } });
  await canvas.press("Control+z", "Control+z");
  await expect.poll(places).toEqual(before);
});
