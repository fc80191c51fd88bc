/** The README's pictures, from a little film that is really made for them. The simulator renders the same each time. */

import { fileURLToPath } from "node:url";
import { expect, type Page, test } from "@playwright/test";
import { Canvas } from "../e2e/support/canvas";
import { PORTRAIT } from "../e2e/support/files";
import { beSignedIn, somebody } from "../e2e/support/people";
import { Program } from "../e2e/support/program";

const FOLDER = fileURLToPath(new URL("../../docs/images/", import.meta.url));

const OPENING =
  "A lone lighthouse on a basalt cliff at golden hour. An astronaut walks towards it, helmet under one arm. Slow dolly-in, " +
  "sea fog rolling over the rocks, gulls far off, 35mm anamorphic.";
const HARBOUR =
  "Wide shot of the harbour at blue hour. She steps off the last ferry and looks up at the lamp. Handheld, 50mm, wet planks, " +
  "warm windows behind her, a crowd of famous faces on the quay. Audio: engines, gulls, a far-off bell." +
  // Below what one sees of the card.
  "\n\n\n\n[simulate:blocked:29310472]";

/** Two shots: one finished, with another take on its way, and one that the provider refused. */
const FILM = {
  nodes: [
    { key: "shot1", type: "frame", title: "Shot 01: Opening", x: 0, config: { width: 1240, height: 728 } },
    { key: "words", type: "prompt", title: "Shot prompt", x: 48, y: 88, config: { text: OPENING } },
    { key: "mara", type: "image", title: "Mara", x: 48, y: 400 },
    {
      key: "hero",
      type: "video",
      title: "Hero shot",
      x: 520,
      y: 72,
      config: {
        model: "veo-3.1-fast-generate-001",
        duration_seconds: 4,
        extensions: [{ prompt: "She reaches the door as the lamp comes on." }],
      },
    },
    {
      key: "alt",
      type: "video",
      title: "Alt take",
      x: 520,
      y: 404,
      config: { model: "veo-3.1-fast-generate-001", prompt: "The same from the cliff. [simulate:slow:600]" },
    },
    {
      key: "note",
      type: "note",
      title: "Note",
      x: 968,
      y: 104,
      config: { text: "Maya: the fog should come in later.\nJon: tried it in the alt take.", width: 232, height: 130 },
    },
    { key: "shot2", type: "frame", title: "Shot 02: Harbour", x: 0, y: 800, config: { width: 1240, height: 420 } },
    { key: "harbour", type: "prompt", title: "Harbour prompt", x: 48, y: 888, config: { text: HARBOUR } },
    {
      key: "crowd",
      type: "video",
      title: "Crowd shot",
      x: 520,
      y: 872,
      config: { duration_seconds: 4 },
    },
  ],
  wires: [
    ["words", "prompt", "hero", "prompt"],
    ["mara", "image", "hero", "image"],
    ["mara", "image", "alt", "image"],
    ["harbour", "prompt", "crowd", "prompt"],
  ] satisfies [string, string, string, string][],
};

test("takes the pictures", async ({ page, request }) => {
  const program = await Program.of(request, await beSignedIn(page, request, somebody("Maya Lindqvist")));
  await fillTheShelf(program);
  const projectId = await program.createProject("Lighthouse teaser", FILM.nodes, FILM.wires);
  const canvas = await Canvas.open(page, projectId);

  await canvas.node("Mara").getByLabel("Picture file").setInputFiles(PORTRAIT);
  await canvas.node("Mara").getByRole("button", { name: "They agree" }).click();
  await canvas.expectState("Mara", "succeeded");
  for (const title of ["Hero shot", "Crowd shot"]) {
    await program.run(projectId, title);
  }
  await canvas.expectState("Hero shot", "succeeded");
  await canvas.expectState("Crowd shot", "blocked");
  await program.run(projectId, "Alt take");
  await canvas.expectState("Alt take", "running");

  await lookAtTheFirstShot(canvas);
  await canvas.select("Hero shot");
  await expect(canvas.inspector.getByRole("button", { name: /^Make another take \$/ })).toBeEnabled();
  for (const theme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await take(page, `canvas-${theme}.png`);
  }
  await page.emulateMedia({ colorScheme: "dark" });

  await canvas.node("Hero shot").hover();
  await canvas.node("Hero shot").getByRole("button", { name: "Open" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await take(page, "viewer.png");

  await page.goto("/");
  await expect(page.getByRole("link", { name: "Lighthouse teaser" })).toBeVisible();
  await take(page, "projects.png");
  await program.cancelRuns(projectId);
});

/** The first shot as large as it can be, with the beginning of the second one below. */
async function lookAtTheFirstShot(canvas: Canvas): Promise<void> {
  await canvas.fit();
  await canvas.select("Shot 01: Opening");
  await canvas.page.keyboard.press("Shift+Digit2");
  await canvas.isAtRest();
  await canvas.page.mouse.move(660, 460);
  await canvas.page.mouse.wheel(0, 40);
  await canvas.isAtRest();
}

/** Other projects, so that the list looks like somebody's. */
async function fillTheShelf(program: Program): Promise<void> {
  for (const [name, count] of [
    ["Spring campaign", 5],
    ["Night train", 3],
    ["Interview, second cut", 4],
    ["Ferry in the fog", 2],
    ["Colour tests", 1],
  ] as const) {
    const nodes = Array.from({ length: count }, (_, index) => ({
      key: `n${index}`,
      type: index % 2 === 0 ? "prompt" : "video",
      title: `Node ${index + 1}`,
      x: index * 460,
    }));
    await program.createProject(name, nodes);
  }
}

/** Takes a picture when every image in it is there. */
async function take(page: Page, name: string): Promise<void> {
  await page.mouse.move(720, 4); // nothing is hovered
  await expect
    .poll(() =>
      page.evaluate(() => [...document.images].every(({ complete, naturalWidth }) => complete && naturalWidth > 0)),
    )
    .toBe(true);
  await page.screenshot({ path: `${FOLDER}${name}`, animations: "disabled" });
}
