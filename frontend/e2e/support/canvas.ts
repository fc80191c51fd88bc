/** The canvas as a person works with it: nodes by their names, wires by dragging, keys. */

import { expect, type Locator, type Page } from "@playwright/test";

/** A test that renders videos takes longer than one that only edits. */
export const GENERATION_TIMEOUT = 180_000;
/** The longest that a simulated clip of a few seconds takes to be there, on a machine that is busy. */
export const CLIP_TIMEOUT = 90_000;

export type NodeState = "idle" | "waiting" | "queued" | "running" | "succeeded" | "failed" | "blocked" | "cancelled";

export class Canvas {
  constructor(readonly page: Page) {}

  /** Go to a project; ends when the canvas is live. */
  static async open(page: Page, projectId: string): Promise<Canvas> {
    await page.goto(`/canvas?project=${projectId}`);
    const canvas = new Canvas(page);
    await canvas.isLive();
    await canvas.isAtRest();
    return canvas;
  }

  get projectId(): string {
    return new URL(this.page.url()).searchParams.get("project") ?? "";
  }

  /** The stage itself: what takes pointer and keys. */
  get stage(): Locator {
    return this.page.getByRole("application", { name: /canvas/i });
  }

  async isLive(): Promise<void> {
    await expect(this.page.getByRole("status").getByText("Live", { exact: true })).toBeVisible();
  }

  /** Everything that was done here is on the server. */
  async isSaved(): Promise<void> {
    await expect(this.page.getByRole("status").getByText(/\bSaved$/)).toBeVisible();
  }

  /** The card of a node. It is on the page while it is in view. */
  node(title: string): Locator {
    return this.page.getByRole("article", { name: new RegExp(`: ${escaped(title)}$`) });
  }

  /** Waits for as long as `clips` of them may take, one after the other. */
  async expectState(title: string, state: NodeState, { clips = 1 } = {}): Promise<void> {
    await expect(this.node(title)).toHaveAttribute("data-state", state, { timeout: clips * CLIP_TIMEOUT });
  }

  /** Show everything, and wait until the view has come to rest: what is aimed at while it moves is missed. */
  async fit(): Promise<void> {
    await this.press("f");
    await this.isAtRest();
  }

  /** Nothing on the canvas has moved from one look to the next. */
  async isAtRest(): Promise<void> {
    let before = "";
    await expect
      .poll(
        async () => {
          const last = before;
          before = await this.page.evaluate(() =>
            JSON.stringify([...document.querySelectorAll("article")].map((card) => card.getBoundingClientRect())),
          );
          return before === last;
        },
        { intervals: [100] },
      )
      .toBe(true);
  }

  /** Press keys where no field takes them. */
  async press(...keys: string[]): Promise<void> {
    for (const key of keys) {
      await this.page.keyboard.press(key);
    }
  }

  /** Click where nothing is: the selection is gone, and keys are the canvas's. */
  async clickEmpty(): Promise<void> {
    const { x, y } = await this.emptyPlace();
    await this.page.mouse.click(x, y);
  }

  /** A point of the window with nothing but canvas under it, below the middle. */
  async emptyPlace(): Promise<{ x: number; y: number }> {
    const { width, height } = this.page.viewportSize() ?? { width: 1440, height: 900 };
    for (let y = height - 130; y > 130; y -= 40) {
      for (let x = 200; x < width - 400; x += 60) {
        if (await this.isEmpty(x, y)) {
          return { x, y };
        }
      }
    }
    throw new Error("There is no empty place on the canvas.");
  }

  /** Cards, islands and panels are elements of their own; the canvas is the only thing that is none of them. */
  async isEmpty(x: number, y: number): Promise<boolean> {
    return this.page.evaluate(
      ([left, top]) => {
        const around = [
          [0, 0],
          [-24, 0],
          [24, 0],
          [0, -24],
          [0, 24],
        ].map(([dx = 0, dy = 0]) => document.elementFromPoint(left + dx, top + dy));
        return around.every((element) => element !== null && !element.closest("article, aside, button, .island"));
      },
      [x, y] as const,
    );
  }

  /** Click a node's header, which selects it and leaves what is in it alone. */
  async select(title: string): Promise<void> {
    await this.node(title).getByRole("heading").click();
  }

  /** A node with what lies around its card: ring and handles. */
  whole(title: string): Locator {
    return this.page.getByRole("group", { name: new RegExp(`: ${escaped(title)}$`) });
  }

  output(title: string): Locator {
    return this.whole(title).getByRole("img", { name: /^Output: / });
  }

  /** An input by what it is called for people: "First frame". */
  input(title: string, port: string): Locator {
    return this.whole(title).getByRole("img", { name: new RegExp(`^Input: ${escaped(port)}`) });
  }

  /** Drag a wire from a node's output to an input of another, and let go there. */
  async connect(source: string, target: string, port: string): Promise<void> {
    await this.isAtRest();
    await this.pullWire(source, await middleOf(this.input(target, port)));
    await this.page.mouse.up();
  }

  /** Take a wire out of a node's output and hold it over a point of the window. */
  async pullWire(source: string, to: { x: number; y: number }): Promise<void> {
    const from = await middleOf(this.output(source));
    const { mouse } = this.page;
    await mouse.move(from.x, from.y);
    await mouse.down();
    await mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 6 });
    await mouse.move(to.x, to.y, { steps: 6 });
  }

  /** Drag a node by its header. */
  async drag(title: string, by: { x: number; y: number }): Promise<void> {
    const from = await middleOf(this.node(title).getByRole("heading"));
    const { mouse } = this.page;
    await mouse.move(from.x, from.y);
    await mouse.down();
    await mouse.move(from.x + by.x / 2, from.y + by.y / 2, { steps: 5 });
    await mouse.move(from.x + by.x, from.y + by.y, { steps: 5 });
    await mouse.up();
  }

  /** Write the words of a prompt node. */
  async write(title: string, words: string): Promise<void> {
    const field = this.node(title).getByRole("textbox", { name: /^Prompt/ });
    await field.fill(words);
    await field.blur();
  }

  get inspector(): Locator {
    return this.page.getByRole("complementary", { name: "Inspector" });
  }

  /** Run a video node by the button of the inspector, as it is priced there. */
  async run(title: string): Promise<void> {
    await this.select(title);
    await this.inspector.getByRole("button", { name: /^Run \$/ }).click();
  }
}

/** The middle of what is on screen, in pixels of the window. */
export async function middleOf(element: Locator): Promise<{ x: number; y: number }> {
  const box = await element.boundingBox();
  if (box === null) {
    throw new Error(`${element} is not on screen.`);
  }
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
