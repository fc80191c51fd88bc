/** The words about money and work: what a run would do, and what is under way. */

import { describe, expect, test } from "vitest";
import type { Estimate, EstimateStep, Job, Run } from "@/api/runs";
import { planRows, priceWords, runningDetail, runningOf, runningWords, stopWords, workWords } from "@/canvas/runs/plan";

function aStep(changes: Partial<EstimateStep> = {}): EstimateStep {
  return {
    node_id: "hero",
    hop: 0,
    kind: "generate",
    model: "veo",
    work: "new",
    cost_microusd: 800_000,
    expected_seconds: 90,
    ...changes,
  };
}

function anEstimate(steps: EstimateStep[]): Estimate {
  const cost = steps.reduce((sum, { cost_microusd }) => sum + cost_microusd, 0);
  return { cost_microusd: cost, expected_seconds: 130, steps, aliases: {} };
}

function aJob(id: string, state: string, cost = 800_000): Job {
  return {
    id,
    state,
    cost_microusd: cost,
    project_id: "project",
    run_id: "run",
    node_id: "hero",
    kind: "generate",
    hop: 0,
    model: "veo",
    attempts: 1,
    polls: 0,
    cause: null,
    category: null,
    message: null,
    advice: null,
    can_retry: false,
    cancel_requested: false,
    created_at: "2026-01-01T00:00:00Z",
    submitted_at: null,
    finished_at: null,
  };
}

function aRun(jobIds: (string | null)[], state = "running"): Run {
  return {
    id: "run",
    project_id: "project",
    scope: "all",
    node_id: null,
    forced: false,
    state,
    estimate_microusd: 0,
    steps: jobIds.map((job_id, hop) => ({ node_id: "hero", hop, job_id, take_id: null })),
    created_at: "2026-01-01T00:00:00Z",
    finished_at: null,
  };
}

describe("a plan", () => {
  test("has one row for each node, in the order of the run, with what is new and what it costs", () => {
    const steps = [
      aStep({ work: "exists", cost_microusd: 0 }),
      aStep({ hop: 1 }),
      aStep({ node_id: "alt", model: "lite", work: "under_way", cost_microusd: 0 }),
    ];

    const rows = planRows({ steps }, new Map([["hero", { title: "Hero shot" }]]), (id) => id.toUpperCase());

    expect(rows).toEqual([
      { nodeId: "hero", title: "Hero shot", model: "VEO", exists: 1, underWay: 0, fresh: 1, costMicrousd: 800_000 },
      { nodeId: "alt", title: "A deleted node", model: "LITE", exists: 0, underWay: 1, fresh: 0, costMicrousd: 0 },
    ]);
  });

  test.each([
    [{ exists: 3, underWay: 0, fresh: 0 }, "exists, free"],
    [{ exists: 0, underWay: 0, fresh: 1 }, "new"],
    [{ exists: 0, underWay: 1, fresh: 0 }, "under way"],
    [{ exists: 1, underWay: 1, fresh: 2 }, "2 new · 1 under way · 1 exists"],
  ])("of %o clips says: %s", (counts, words) => {
    expect(workWords(counts)).toBe(words);
  });

  test("is told in money and rough time, or that there is nothing to do", () => {
    expect(priceWords(anEstimate([aStep()]))).toBe("$0.80 · ~2 min");
    expect(priceWords(anEstimate([aStep({ work: "exists", cost_microusd: 0 })]))).toBe("Nothing new");
    expect(priceWords(anEstimate([aStep({ work: "under_way", cost_microusd: 0 })]))).toBe("$0.00 · ~2 min");
  });
});

describe("runs under way", () => {
  const jobs = [aJob("a", "succeeded", 310_000), aJob("b", "polling"), aJob("c", "submitted"), aJob("d", "waiting")];

  test("are counted by clips, those that existed before left out", () => {
    const running = runningOf([aRun(["a", "b", "c", "d", null]), aRun(["x"], "succeeded")], jobs);

    expect(running && runningWords(running)).toBe("Running 3 of 4");
    expect(running && runningDetail(running)).toBe("$0.31 spent · 1 queued");
  });

  test("that share a job count it once", () => {
    expect(runningOf([aRun(["a", "b"]), aRun(["b"])], jobs)?.clips).toBe(2);
  });

  test("whose jobs are not known yet wait", () => {
    const running = runningOf([aRun(["new"])], jobs);

    expect(running && runningWords(running)).toBe("Waiting, 0 of 1 done");
  });

  test("that are over are none", () => {
    expect(runningOf([aRun(["a"], "succeeded")], jobs)).toBeNull();
  });

  test("say before they are stopped what may still be billed", () => {
    const running = runningOf([aRun(["a", "b", "c", "d"])], jobs);

    expect(running && stopWords(running)).toBe(
      "2 clips are at the provider already, and may still be billed, up to $1.60. What arrives of it is kept as a take. " +
        "1 clip is not sent yet; that costs nothing.",
    );
  });
});
