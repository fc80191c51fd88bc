/**
 * How fast the canvas is: real mouse and wheel on the built studio in headless Chromium, next to plain React Flow in the same
 * run. Prints a table and writes out/bench-canvas.json at the root of the repository.
 *
 *   npx next build && node bench/run.mjs [--sizes=100,1000,10000,50000] [--only-studio]
 */

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";
import { build } from "vite";
import { measurePlain, measureRunning, measureStudio } from "./candidates.mjs";
import { paintPictures } from "./pictures.mjs";
import { goalsOf, print, table } from "./report.mjs";
import { sampleProject } from "./sample-project.mjs";
import { serveStudio, writtenOut } from "./studio-server.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const studioDirectory = join(here, "../out");
const resultsFile = join(here, "../../out/bench-canvas.json");
/** Plain React Flow with more nodes than this does not come to an end. */
const MOST_PLAIN = 10_000;
const MOST_PLAIN_IN_DOM = 1_000;
const RUNNING_SIZE = 1_000;
const VIEWPORT = { width: 1440, height: 900 };

const options = {
  sizes: (argument("sizes") ?? "100,1000,10000,50000").split(",").map(Number),
  isStudioOnly: process.argv.includes("--only-studio"),
};

await main();

async function main() {
  if (!existsSync(join(studioDirectory, "canvas.html"))) {
    throw new Error("The studio is not built: run `npx next build` in frontend/ first.");
  }
  const plainDirectory = mkdtempSync(join(tmpdir(), "bench-plain-"));
  let sample = writtenOut(sampleProject(0));
  const pictures = await inBrowser(paintPictures);
  const studio = await serveStudio(studioDirectory, pictures, () => sample);
  const plain = await serveStudio(plainDirectory, pictures, () => sample);
  const results = { measuredAt: new Date().toISOString(), cores: cpus().length, load: loadavg(), runs: [] };

  async function measure(candidate, nodes, measuring) {
    const result = await inBrowser(async (browser) => {
      const context = await browser.newContext({
        viewport: VIEWPORT,
        colorScheme: "dark",
        reducedMotion: "no-preference",
      });
      return measuring(await context.newPage());
    }).catch((thrown) => ({ failed: String(thrown).split("\n", 1)[0] }));
    results.runs.push({ candidate, nodes, ...result });
    print(table(results.runs.at(-1)));
  }

  try {
    await buildPlain(plainDirectory);
    for (const nodes of options.sizes) {
      sample = writtenOut(sampleProject(nodes));
      await measure("studio", nodes, (page) => measureStudio(page, studio.origin));
      if (!options.isStudioOnly && nodes <= MOST_PLAIN) {
        await measure("plain, visible only", nodes, (page) => measurePlain(page, plain.origin, { all: false }));
      }
      if (!options.isStudioOnly && nodes === MOST_PLAIN_IN_DOM) {
        await measure("plain, all in the DOM", nodes, (page) => measurePlain(page, plain.origin, { all: true }));
      }
    }
    sample = writtenOut(sampleProject(RUNNING_SIZE, { isOneRunning: true }));
    await measure("studio, one running", RUNNING_SIZE, async (page) => ({
      runningPercent: await measureRunning(page, studio.origin),
    }));
  } finally {
    await Promise.all([studio.stop(), plain.stop()]);
    rmSync(plainDirectory, { recursive: true, force: true });
  }
  results.loadAtEnd = loadavg();
  results.unknownToTheBench = [...studio.unknown];
  results.goals = goalsOf(results.runs);
  mkdirSync(join(resultsFile, ".."), { recursive: true });
  writeFileSync(resultsFile, `${JSON.stringify(results, null, 2)}\n`);
  print("");
  for (const { goal, measured, isReached } of results.goals) {
    print(`${isReached ? "reached" : "MISSED "}  ${goal}: ${measured}`);
  }
  print(
    `Load of this machine (${results.cores} cores): ${results.load[0].toFixed(1)} before, ${results.loadAtEnd[0].toFixed(1)} after`,
  );
  process.exitCode = results.goals.every(({ isReached }) => isReached) ? 0 : 1;
}

/** A browser of its own for each measurement: one that was driven to its end leaves nothing behind for the next. */
async function inBrowser(use) {
  const executablePath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    return await use(browser);
  } finally {
    await browser.close();
  }
}

function argument(name) {
  return process.argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
}

async function buildPlain(outDir) {
  await build({
    root: join(here, "plain"),
    configFile: false,
    logLevel: "error",
    css: { postcss: { plugins: [] } },
    build: { outDir, emptyOutDir: true, target: "esnext" },
  });
}
