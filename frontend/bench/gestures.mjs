/** What a hand does, by the browser's own mouse and wheel. */

import { pause } from "./meter.mjs";

/** Between two events of a mouse, about what a real one sends. */
const MOUSE_MS = 8;
const WHEEL_MS = 25;
/** Free of islands in the studio at 1440 × 900. */
const RIGHT = 1000;
const LEFT = 140;
const MIDDLE = 420;

/** Pull the view to the left by the middle button, three times. */
export async function pan(page) {
  const { mouse } = page;
  for (let pull = 0; pull < 3; pull++) {
    await mouse.move(RIGHT, MIDDLE);
    await mouse.down({ button: "middle" });
    for (let step = 0; step < 50; step++) {
      await mouse.move(RIGHT - (step * (RIGHT - LEFT)) / 50, MIDDLE - (step % 20) * 2);
      await pause(MOUSE_MS);
    }
    await mouse.up({ button: "middle" });
  }
}

/** Thirty notches one way and thirty back. `first`: the sign of the first ones; -1 goes nearer. */
export async function zoom(page, { withControl, first }) {
  const { mouse, keyboard } = page;
  await mouse.move((LEFT + RIGHT) / 2, MIDDLE);
  if (withControl) {
    await keyboard.down("Control");
  }
  for (let notch = 0; notch < 60; notch++) {
    await mouse.wheel(0, (notch < 30 ? first : -first) * 120);
    await pause(WHEEL_MS);
  }
  if (withControl) {
    await keyboard.up("Control");
  }
}

/** Turn the wheel in small steps, over the middle of what the studio's islands leave free, until it is near enough. */
export async function zoomUntil(page, isThere) {
  await page.mouse.move(580, 450);
  await page.keyboard.down("Control");
  for (let notch = 0; notch < 200 && !(await isThere()); notch++) {
    await page.mouse.wheel(0, -16);
    await pause(WHEEL_MS);
  }
  await page.keyboard.up("Control");
}

/** Take hold of a node by its title and carry it about. */
export async function dragNode(page, selector) {
  const from = await page.evaluate(
    ({ selector, right, left }) => {
      const boxes = [...document.querySelectorAll(selector)].map((element) => element.getBoundingClientRect());
      const box = boxes.find(({ x, y }) => x > left + 60 && x < right - 400 && y > 140 && y < 480);
      return box && { x: box.x + 60, y: box.y + 12 };
    },
    { selector, right: RIGHT, left: LEFT },
  );
  if (!from) {
    throw new Error(`No node to drag: nothing that is ${selector} lies in the middle of the view.`);
  }
  const { mouse } = page;
  await mouse.move(from.x, from.y);
  await mouse.down();
  for (let step = 1; step <= 150; step++) {
    await mouse.move(from.x + Math.sin(step / 12) * 160, from.y + step);
    await pause(MOUSE_MS);
  }
  await mouse.up();
}
