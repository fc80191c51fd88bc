/** Measures a page: frames while something is done to it, and the processor's time. */

const SETTLE_MS = 400;

/** @returns {Promise<number>} the main thread's processor time so far, seconds */
async function threadTime(session) {
  const { metrics } = await session.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "ThreadTime").value;
}

export async function createMeter(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const whole = await page.context().browser().newBrowserCDPSession();

  return {
    /** Frames/s, frame times and main-thread processor time a frame while `act` runs. */
    async phase(act) {
      await pause(SETTLE_MS);
      await page.evaluate(() => {
        window.benchFrames = [];
        let last;
        const tick = (now) => {
          if (last !== undefined) {
            window.benchFrames.push(now - last);
          }
          last = now;
          window.benchTick = requestAnimationFrame(tick);
        };
        window.benchTick = requestAnimationFrame(tick);
      });
      const before = await threadTime(session);
      await act();
      const after = await threadTime(session);
      const frames = await page.evaluate(() => {
        cancelAnimationFrame(window.benchTick);
        return window.benchFrames;
      });
      const total = frames.reduce((sum, frame) => sum + frame, 0);
      const sorted = frames.toSorted((a, b) => a - b);
      return {
        frames: frames.length,
        framesPerSecond: (frames.length * 1000) / total,
        p50Ms: quantile(sorted, 0.5),
        p95Ms: quantile(sorted, 0.95),
        longestMs: quantile(sorted, 1),
        cpuMsPerFrame: ((after - before) * 1000) / frames.length,
      };
    },

    /** How much of a core all of the browser's processes together use while nobody does anything, percent. */
    async idlePercent(milliseconds) {
      const before = await processorSeconds(whole);
      const startedAt = performance.now();
      await pause(milliseconds);
      const elapsed = (performance.now() - startedAt) / 1000;
      return ((await processorSeconds(whole)) - before) * (100 / elapsed);
    },

    /** From the end of the project's answer to the first frame that shows nodes, milliseconds. */
    async firstPaintMs() {
      await page.waitForFunction(() => performance.getEntriesByName("canvas.first_nodes").length > 0, null, {
        timeout: 120_000,
      });
      return page.evaluate(() => {
        const answers = performance
          .getEntriesByType("resource")
          .filter(({ name }) => /\/api\/projects\/[0-9a-f-]{36}$/.test(new URL(name).pathname));
        return performance.getEntriesByName("canvas.first_nodes")[0].startTime - answers[0].responseEnd;
      });
    },
  };
}

async function processorSeconds(session) {
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

export function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
