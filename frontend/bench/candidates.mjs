/** What is measured: the studio as it is built, and plain React Flow. Each goes through the same phases. */

import { dragNode, pan, zoom, zoomUntil } from "./gestures.mjs";
import { createMeter, pause } from "./meter.mjs";
import { PROJECT_ID } from "./sample-project.mjs";

/** Long enough for nodes to be mounted, and for pictures that are in view to be there. */
const REST_MS = 2_500;
const IDLE_MS = 6_000;
/** A wait that ends here means that the page is frozen. */
const PATIENCE_MS = 150_000;
const NEAR_ENOUGH = 0.75;

/** The studio: opens on the whole graph. */
export async function measureStudio(page, origin) {
  const meter = await createMeter(page);
  await page.goto(`${origin}/canvas?project=${PROJECT_ID}`);
  const firstPaintMs = await meter.firstPaintMs();
  await pause(REST_MS);
  const wholeGraph = await panned(page, meter);
  await page.keyboard.press("f"); // fit
  await pause(REST_MS);
  const wheelZoom = await meter.phase(() => zoom(page, { withControl: true, first: -1 }));
  await pause(REST_MS);
  await zoomUntil(page, () => isNear(page));
  await pause(REST_MS);
  const nearPan = await panned(page, meter);
  await page.locator("[data-stage-node] article").first().waitFor({ state: "attached" });
  const drag = await meter.phase(() => dragNode(page, "[data-stage-node]:not([aria-label^='Frame'])"));
  await pause(REST_MS);
  const idlePercent = await meter.idlePercent(IDLE_MS);
  return { firstPaintMs, idlePercent, phases: { wholeGraph, wheelZoom, nearPan, drag } };
}

/** How much of a core the studio uses with one running node in view. */
export async function measureRunning(page, origin) {
  const meter = await createMeter(page);
  await page.goto(`${origin}/canvas?project=${PROJECT_ID}`);
  await meter.firstPaintMs();
  await pause(REST_MS);
  await zoomUntil(page, () => isNear(page));
  await page.locator("[data-state=running]").first().waitFor();
  await pause(REST_MS);
  return meter.idlePercent(IDLE_MS);
}

/** Plain React Flow; `all`: with all nodes in the DOM. Says `frozen` of what did not end. */
export async function measurePlain(page, origin, { all }) {
  page.setDefaultTimeout(PATIENCE_MS);
  const meter = await createMeter(page);
  const phases = {};
  await page.goto(`${origin}/?all=${all ? 1 : 0}`);
  const firstPaintMs = await meter.firstPaintMs();
  await pause(REST_MS);
  phases.nearPan = await panned(page, meter);
  await page.evaluate(() => window.plain.near());
  await pause(REST_MS);
  phases.drag = await meter.phase(() => dragNode(page, ".react-flow__node"));
  const rest = {
    wheelZoom: () => meter.phase(() => zoom(page, { withControl: false, first: 1 })),
    wholeGraph: () => panned(page, meter),
  };
  for (const [name, act] of Object.entries(rest)) {
    await page.evaluate((isWhole) => (isWhole ? window.plain.fit() : window.plain.near()), name === "wholeGraph");
    await pause(REST_MS);
    phases[name] = await withPatience(act());
    if (phases[name] === "frozen") {
      break;
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

async function withPatience(measuring) {
  let timer;
  const patience = new Promise((resolve) => {
    timer = setTimeout(() => resolve("frozen"), PATIENCE_MS);
  });
  const result = await Promise.race([measuring, patience]);
  clearTimeout(timer);
  return result;
}

async function isNear(page) {
  return Number(/scale\(([\d.]+)\)/.exec(await shownAt(page))?.[1] ?? 0) >= NEAR_ENOUGH;
}
