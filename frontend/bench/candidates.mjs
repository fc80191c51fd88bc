/** What is measured: the studio as it is built, and plain React Flow. Each goes through the same phases. */

import { dragNode, pan, zoom, zoomUntil } from "./gestures.mjs";
import { createMeter, pause } from "./meter.mjs";
import { PROJECT_ID } from "./sample-project.mjs";

/** Long enough for nodes to be mounted, and for pictures that are in view to be there. */
const REST_MS = 2_500;
const IDLE_MS = 6_000;
/** After the last gesture: until then the browser tidies up after itself (0.3 s of a core, none of it in scripts). */
const CALM_MS = 8_000;
/** A wait that ends here means that the page is frozen. */
const PATIENCE_MS = 120_000;
const NEAR_ENOUGH = 0.75;
/** Where a node is brought that something is done with: its wires are in view, and no island covers it. */
const IN_THE_OPEN = { x: 520, y: 300 };
const STUDIO_CARDS = "[data-stage-node]:not([aria-label^='Frame'])";

/** The studio: opens on the whole graph. */
export async function measureStudio(page, origin) {
  const meter = await createMeter(page);
  await page.goto(`${origin}/canvas?project=${PROJECT_ID}`);
  const firstPaintMs = await meter.firstPaintMs();
  await pause(REST_MS);
  const wholeGraph = await panned(page, meter);
  await showAll(page);
  const wheelZoom = await meter.phase(() => zoom(page, { withControl: true, first: -1 }));
  await goNear(page);
  const nearPan = await panned(page, meter);
  await goNear(page);
  await bringIntoTheOpen(page, STUDIO_CARDS);
  const drag = await meter.phase(() => dragNode(page, STUDIO_CARDS));
  await leaveNodes(page);
  await pause(CALM_MS);
  const idlePercent = await meter.idlePercent(IDLE_MS);
  return { firstPaintMs, idlePercent, phases: { wholeGraph, wheelZoom, nearPan, drag } };
}

/** How much of a core the studio uses with one running node in view. */
export async function measureRunning(page, origin) {
  const meter = await createMeter(page);
  await page.goto(`${origin}/canvas?project=${PROJECT_ID}`);
  await meter.firstPaintMs();
  await goNear(page);
  await bringIntoTheOpen(page, "[data-state=running]");
  await leaveNodes(page);
  return meter.idlePercent(IDLE_MS);
}

/** Plain React Flow; `all`: with all nodes in the DOM. A phase that did not end says so. */
export async function measurePlain(page, origin, { all }) {
  page.setDefaultTimeout(PATIENCE_MS);
  const meter = await createMeter(page);
  const phases = {};
  await page.goto(`${origin}/?all=${all ? 1 : 0}`);
  const firstPaintMs = await meter.firstPaintMs();
  const acts = {
    nearPan: () => panned(page, meter),
    drag: () => meter.phase(() => dragNode(page, ".react-flow__node")),
    wheelZoom: () => meter.phase(() => zoom(page, { withControl: false, first: 1 })),
    wholeGraph: () => panned(page, meter),
  };
  for (const [name, act] of Object.entries(acts)) {
    phases[name] = await withPatience(async () => {
      await page.evaluate((isWhole) => (isWhole ? window.plain.fit() : window.plain.near()), name === "wholeGraph");
      await pause(REST_MS);
      return act();
    });
    if (phases[name].failed) {
      break; // the next ones ask for more
    }
  }
  return { firstPaintMs, phases };
}

/** A phase of panning; throws where the view did not move, so that nobody measures a mouse that does nothing. */
async function panned(page, meter) {
  const before = await shownAt(page);
  const result = await meter.phase(() => pan(page));
  await pause(REST_MS);
  if ((await shownAt(page)) === before) {
    throw new Error("The pan has not moved the view.");
  }
  return result;
}

function shownAt(page) {
  return page.evaluate(() => document.querySelector(".react-flow__viewport").style.transform);
}

/** What `measure` answers, or why it does not. */
async function withPatience(measure) {
  let timer;
  const patience = new Promise((resolve) => {
    timer = setTimeout(() => resolve({ failed: `no end after ${PATIENCE_MS / 1000} s` }), PATIENCE_MS);
  });
  const measured = measure().catch((thrown) => ({ failed: String(thrown).split("\n", 1)[0] }));
  const result = await Promise.race([measured, patience]);
  clearTimeout(timer);
  return result;
}

/** Show the whole graph in the studio. */
async function showAll(page) {
  await page.keyboard.press("f");
  await pause(REST_MS);
}

/** Show the middle of the graph large enough to be read, and wait until its nodes have DOM. */
async function goNear(page) {
  await showAll(page);
  await zoomUntil(page, async () => Number(/scale\(([\d.]+)\)/.exec(await shownAt(page))?.[1] ?? 0) >= NEAR_ENOUGH);
  await page.locator(STUDIO_CARDS).first().waitFor({ state: "attached" });
  await pause(REST_MS);
}

/** Move the view so that the first of these nodes lies where it can be worked with. */
async function bringIntoTheOpen(page, selector) {
  const box = await page.locator(selector).first().boundingBox();
  await page.mouse.wheel(box.x - IN_THE_OPEN.x, box.y - IN_THE_OPEN.y);
  await pause(REST_MS);
}

/** The pointer away from nodes, which show what can be done with them while it is on them. */
async function leaveNodes(page) {
  await page.mouse.move(700, 890);
  await pause(REST_MS);
}
