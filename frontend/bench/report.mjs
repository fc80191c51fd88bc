/** What was measured as lines for people, and whether the goals were reached. */

const PHASES = { wholeGraph: "whole graph", wheelZoom: "wheel zoom", nearPan: "near pan", drag: "drag" };
/** Main-thread milliseconds a frame at 10,000 nodes. */
const CPU_GOALS = { nearPan: 15, wholeGraph: 12, wheelZoom: 18 };
const GOAL_SIZE = 10_000;

export function print(line) {
  process.stdout.write(`${line}\n`);
}

/** One candidate at one size. */
export function table({ candidate, nodes, failed, firstPaintMs, idlePercent, runningPercent, phases = {} }) {
  const head = `${candidate}, ${nodes.toLocaleString("en")} nodes`;
  if (failed) {
    return `${head}: not measured. ${failed}`;
  }
  const facts = [
    firstPaintMs !== undefined && `first paint ${firstPaintMs.toFixed(0)} ms after data`,
    idlePercent !== undefined && `idle ${idlePercent.toFixed(1)} % of a core`,
    runningPercent !== undefined && `${runningPercent.toFixed(1)} % of a core`,
  ].filter(Boolean);
  const lines = Object.entries(PHASES)
    .filter(([phase]) => phases[phase])
    .map(([phase, name]) => `  ${name.padEnd(12)} ${words(phases[phase])}`);
  return [`${head}: ${facts.join(", ")}`, ...lines].join("\n");
}

function words(phase) {
  if (phase.failed) {
    return `not measured: ${phase.failed}`;
  }
  const { framesPerSecond, p50Ms, p95Ms, longestMs, cpuMsPerFrame, frames } = phase;
  return [
    `${framesPerSecond.toFixed(1).padStart(5)} frames/s`,
    `p50 ${p50Ms.toFixed(1).padStart(7)} ms`,
    `p95 ${p95Ms.toFixed(1).padStart(7)} ms`,
    `longest ${longestMs.toFixed(0).padStart(6)} ms`,
    `cpu ${cpuMsPerFrame.toFixed(1).padStart(7)} ms/frame`,
    `${String(frames).padStart(4)} frames`,
  ].join("  ");
}

/** The goals that these runs say something about. */
export function goalsOf(runs) {
  const goals = [];
  const add = (goal, value, isReached, unit) =>
    goals.push({ goal, measured: value === null ? "not measured" : `${value.toFixed(1)} ${unit}`, isReached });
  const studio = runs.find(({ candidate, nodes }) => candidate === "studio" && nodes === GOAL_SIZE);
  if (studio) {
    for (const [phase, name] of Object.entries(PHASES)) {
      const measured = studio.phases?.[phase];
      const at = `${GOAL_SIZE.toLocaleString("en")} nodes, ${name}`;
      add(
        `${at}: at least 55 frames/s`,
        measured?.framesPerSecond ?? null,
        measured?.framesPerSecond >= 55,
        "frames/s",
      );
      add(`${at}: p95 at most 20 ms`, measured?.p95Ms ?? null, measured?.p95Ms <= 20, "ms");
      if (CPU_GOALS[phase]) {
        const cpu = measured?.cpuMsPerFrame ?? null;
        add(
          `${at}: at most ${CPU_GOALS[phase]} ms of main thread a frame`,
          cpu,
          cpu !== null && cpu <= CPU_GOALS[phase],
          "ms",
        );
      }
    }
    add("first paint at most 500 ms after data", studio.firstPaintMs ?? null, studio.firstPaintMs <= 500, "ms");
    add("idle: at most 2 % of a core", studio.idlePercent ?? null, studio.idlePercent <= 2, "%");
  }
  const running = runs.find(({ runningPercent }) => runningPercent !== undefined);
  if (running) {
    add("one running node: at most 25 % of a core", running.runningPercent, running.runningPercent <= 25, "%");
  }
  addRatio(runs, add);
  return goals;
}

function addRatio(runs, add) {
  const at = (name) => runs.find(({ candidate, nodes }) => candidate === name && nodes === 1_000)?.phases?.wholeGraph;
  const ours = at("studio");
  const plain = at("plain, all in the DOM");
  if (ours && plain && !ours.failed) {
    // Frames/s end at the screen's 60; what is left over of each frame does not.
    const frames = plain.failed ? Number.POSITIVE_INFINITY : ours.framesPerSecond / plain.framesPerSecond;
    add(
      "1,000 nodes, whole graph: at least 8 times plain React Flow, all in the DOM",
      frames,
      frames >= 8,
      "times the frames/s",
    );
  }
}
