/** Every page and every panel, in both themes and at the width of a small phone: no fault that a machine can find. */

import { expect, type Page, test } from "@playwright/test";
import { expectAccessible, expectNoSideways } from "./support/accessible";
import { Canvas } from "./support/canvas";
import { beSignedIn } from "./support/people";
import { Program } from "./support/program";

/** What can be open over the canvas, and how one opens it. */
const PANELS: readonly [name: string, open: (page: Page) => Promise<void>][] = [
  ["the outline", (page) => page.keyboard.press("o")],
  ["the command palette", (page) => page.keyboard.press("Control+k")],
  ["the search", (page) => page.keyboard.press("Control+f")],
  ["the shortcuts", (page) => page.keyboard.press("?")],
  ["the plan", (page) => page.keyboard.press("Control+Shift+Enter")],
  ["the people", (page) => page.getByRole("button", { name: "People" }).click()],
];

for (const theme of ["dark", "light"] as const) {
  for (const width of [1440, 360]) {
    const size = { width, height: width === 1440 ? 900 : 740 };

    test.describe(`in the ${theme} theme at ${width} pixels`, () => {
      test.use({ colorScheme: theme, viewport: size });

      test("signing in and getting an account", async ({ page }) => {
        await page.goto("/");
        await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
        await expectAccessible(page);
        await page.getByRole("button", { name: "Create an account" }).click();
        await expectAccessible(page);
        await expectNoSideways(page);
      });

      test("the projects", async ({ page, request }) => {
        const program = await Program.of(request, await beSignedIn(page, request));
        await page.goto("/");
        await expect(page.getByRole("radio", { name: "Blank" })).toBeAttached();
        await expectAccessible(page);
        await program.createProject("Teaser");
        await page.reload();
        await page.getByRole("button", { name: "New project" }).click();
        await expectAccessible(page);
        await page.keyboard.press("Escape");
        await page.getByRole("button", { name: "Menu of Teaser" }).click();
        await expectAccessible(page, { hasMenu: true });
        await expectNoSideways(page);
      });

      test("a page that is not there", async ({ page }) => {
        await page.goto("/no-such-page");
        await expectAccessible(page);
        await expectNoSideways(page);
      });

      test("the canvas, empty and with every kind of node", async ({ page, request }) => {
        const program = await Program.of(request, await beSignedIn(page, request));
        await Canvas.open(page, await program.createProject("Empty"));
        await expectAccessible(page);
        const canvas = await Canvas.open(page, await oneOfEach(program));
        await expectAccessible(page);
        await expectNoSideways(page);
        await page.keyboard.press("Control+a");
        await expectAccessible(page);
        await canvas.press("Escape");
      });
    });
  }

  test(`the panels over the canvas in the ${theme} theme`, async ({ page, request }) => {
    test.setTimeout(120_000);
    await page.emulateMedia({ colorScheme: theme });
    const program = await Program.of(request, await beSignedIn(page, request));
    const canvas = await Canvas.open(page, await oneOfEach(program));
    for (const title of ["Words", "Mara", "Hero shot"]) {
      await canvas.select(title);
      await test.step(`the inspector of ${title}`, () => expectAccessible(page));
    }
    for (const [name, open] of PANELS) {
      await canvas.clickEmpty();
      await open(page);
      await test.step(name, () => expectAccessible(page));
      await page.keyboard.press("Escape");
    }
  });
}

async function oneOfEach(program: Program): Promise<string> {
  return program.createProject(
    "Lighthouse teaser",
    [
      { key: "frame", type: "frame", title: "Opening", x: -40, y: -80, config: { width: 900, height: 720 } },
      { key: "words", type: "prompt", title: "Words", x: 0, config: { text: "A lone lighthouse at dusk." } },
      { key: "image", type: "image", title: "Mara", x: 0, y: 300 },
      { key: "video", type: "video", title: "Hero shot", x: 440, config: { duration_seconds: 4 } },
      { key: "note", type: "note", title: "Note", x: 440, y: 360, config: { text: "Softer light?" } },
    ],
    [["words", "prompt", "video", "prompt"]],
  );
}
