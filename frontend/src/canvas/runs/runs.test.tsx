// @vitest-environment jsdom
/** Running, as people see it: the price, the button, the plan, refusals with their mend, and the bar while it goes on. */

import { act, cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, test } from "vitest";
import { showOnCanvas } from "@/canvas/inspector/test-canvas";
import { PlanPanel } from "@/canvas/runs/plan-panel";
import { RunBar } from "@/canvas/runs/run-bar";
import { RunIsland } from "@/canvas/runs/run-island";
import { aNode } from "@/live/test-builders";
import { type Answers, aProblem } from "@/nodes/settings/test-studio";

afterEach(cleanup);

const NODES = [aNode({ id: "hero", title: "Hero shot" }), aNode({ id: "alt", title: "Alt take" })];
const RUN = { id: "run", state: "running", steps: [], estimate_microusd: 0, created_at: "2026-01-01T00:00:00Z" };

function anEstimate(cost: number, nodeId = "hero") {
  const step = { node_id: nodeId, hop: 0, kind: "generate", model: "veo", work: "new", expected_seconds: 90 };
  return { cost_microusd: cost, expected_seconds: 120, aliases: {}, steps: [{ ...step, cost_microusd: cost }] };
}

const ANSWERS: Answers = {
  "POST /api/ai/estimate": () => anEstimate(840_000),
  "POST /api/projects/project/runs": () => Response.json(RUN, { status: 202 }),
};

const runButton = () => screen.getByRole("button", { name: /^(Run|Starting)/ });

describe("the run island", () => {
  test("tells the price of the selected video, and runs it", async () => {
    const { askedFor } = await showOnCanvas(<RunIsland />, { nodes: NODES, selected: ["hero"], answers: ANSWERS });

    expect(await screen.findByText("$0.84 · ~2 min")).toBeTruthy();
    expect(askedFor("POST /api/ai/estimate").at(-1)?.body).toMatchObject({ scope: "node", node_id: "hero" });
    await userEvent.click(runButton());

    const [start] = askedFor("POST /api/projects/project/runs");
    expect(start?.body).toEqual({ scope: "node", node_id: "hero", force: false });
    expect(start?.headers.get("Idempotency-Key")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("shows the plan of everything where no video is selected, and starts nothing", async () => {
    const { canvas, askedFor } = await showOnCanvas(<RunIsland />, { nodes: NODES, answers: ANSWERS });

    await userEvent.click(runButton());

    expect(canvas.state.getState().panel).toEqual({ kind: "plan" });
    expect(askedFor("POST /api/projects/project/runs")).toEqual([]);
  });

  test("runs from the selected video on", async () => {
    const { askedFor } = await showOnCanvas(<RunIsland />, { nodes: NODES, selected: ["hero"], answers: ANSWERS });

    await userEvent.click(screen.getByRole("button", { name: "More ways to run" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: /Run from here/ }));

    await waitFor(() => expect(askedFor("POST /api/projects/project/runs")).toHaveLength(1));
    expect(askedFor("POST /api/projects/project/runs")[0]?.body).toMatchObject({ scope: "from", node_id: "hero" });
  });

  test("says why the next run would be refused, and leads to the node that is not ready", async () => {
    const detail = "There is no prompt.";
    const { canvas, revealed } = await showOnCanvas(<RunIsland />, {
      nodes: NODES,
      answers: { "POST /api/ai/estimate": () => aProblem(422, "prompt_missing", detail, { node_id: "alt" }) },
    });

    await userEvent.click(await screen.findByRole("button", { name: "Not ready: why?" }));
    expect(screen.getByText(detail)).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Go to Alt take" }));

    expect(revealed).toEqual(["alt"]);
    expect([...canvas.selection.state.getState().nodes]).toEqual(["alt"]);
  });

  test("over the limit lets the owner raise it on the spot", async () => {
    const detail = "This run may cost $0.84, but $0.10 is left.";
    const { askedFor } = await showOnCanvas(<RunIsland />, {
      nodes: NODES,
      selected: ["hero"],
      answers: {
        ...ANSWERS,
        "POST /api/projects/project/runs": () => aProblem(409, "spending_limit_reached", detail),
        "PUT /api/projects/project/spending-limit": () => ({ spending_limit_microusd: 25_000_000 }),
      },
    });
    await screen.findByText("$0.84 · ~2 min");

    await userEvent.click(runButton());
    expect(await screen.findByText(detail)).toBeTruthy();
    const limit = screen.getByRole("textbox", { name: "Spending limit" });
    await waitFor(() => expect(limit).toHaveProperty("value", "20"));
    await userEvent.clear(limit);
    await userEvent.type(limit, "25");
    await userEvent.click(screen.getByRole("button", { name: "Set" }));

    expect(askedFor("PUT /api/projects/project/spending-limit")[0]?.body).toEqual({
      spending_limit_microusd: 25_000_000,
    });
  });

  test("sends one click under one key, also where its answers were lost", async () => {
    let isDown = true;
    const { askedFor } = await showOnCanvas(<RunIsland />, {
      nodes: NODES,
      selected: ["hero"],
      answers: {
        ...ANSWERS,
        "POST /api/projects/project/runs": () =>
          isDown ? aProblem(503, "unavailable", "The server is not well.") : Response.json(RUN, { status: 202 }),
      },
    });
    await screen.findByText("$0.84 · ~2 min");

    await userEvent.click(runButton());
    const again = await screen.findByRole("button", { name: "Try again" });
    isDown = false;
    await userEvent.click(again);

    await waitFor(() => expect(screen.queryByText("The server is not well.")).toBeNull());
    const keys = askedFor("POST /api/projects/project/runs").map(({ headers }) => headers.get("Idempotency-Key"));
    expect(keys.length).toBeGreaterThan(1);
    expect(new Set(keys).size).toBe(1);
  });

  test("gives the next click a new key", async () => {
    const { askedFor } = await showOnCanvas(<RunIsland />, { nodes: NODES, selected: ["hero"], answers: ANSWERS });
    await screen.findByText("$0.84 · ~2 min");

    await userEvent.click(runButton());
    await userEvent.click(runButton());

    const keys = askedFor("POST /api/projects/project/runs").map(({ headers }) => headers.get("Idempotency-Key"));
    expect(new Set(keys).size).toBe(2);
  });

  test("is not there for a viewer", async () => {
    const { askedFor } = await showOnCanvas(<RunIsland />, { nodes: NODES, project: { role: "viewer" } });

    expect(screen.queryByRole("button")).toBeNull();
    expect(askedFor("POST /api/ai/estimate")).toEqual([]);
  });
});

describe("the plan", () => {
  test("lists what a run of everything would do, and asks anew what paying for all again costs", async () => {
    const { askedFor, canvas } = await showOnCanvas(<PlanPanel />, {
      nodes: NODES,
      panel: { kind: "plan" },
      answers: {
        ...ANSWERS,
        "POST /api/ai/estimate": ({ body }) =>
          JSON.stringify(body).includes('"force":true') ? anEstimate(3_200_000) : anEstimate(840_000),
      },
    });
    const row = await screen.findByRole("row", { name: /Hero shot Veo/ });
    expect(
      within(row)
        .getAllByRole("cell")
        .map(({ textContent }) => textContent),
    ).toEqual(["Veo", "new", "$0.84"]);
    expect(screen.getByText("$20.00")).toBeTruthy();

    await userEvent.click(screen.getByRole("checkbox", { name: /Pay again for all/ }));
    await userEvent.click(await screen.findByRole("button", { name: "Run $3.20" }));

    await waitFor(() => expect(canvas.state.getState().panel).toEqual({ kind: "none" }));
    expect(askedFor("POST /api/projects/project/runs")[0]?.body).toEqual({ scope: "all", node_id: null, force: true });
  });

  test("of which everything exists starts nothing", async () => {
    const estimate = anEstimate(0);
    const steps = estimate.steps.map((step) => ({ ...step, work: "exists" }));
    await showOnCanvas(<PlanPanel />, {
      nodes: NODES,
      panel: { kind: "plan" },
      answers: { "POST /api/ai/estimate": () => ({ ...estimate, steps }) },
    });

    expect(await screen.findByText("exists, free")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Run $0.00" })).toHaveProperty("disabled", true);
  });
});

describe("the run bar", () => {
  const jobs = [
    { id: "a", state: "succeeded", cost_microusd: 310_000 },
    { id: "b", state: "polling", cost_microusd: 580_000 },
    { id: "c", state: "queued", cost_microusd: 230_000 },
  ];
  const steps = jobs.map(({ id }, hop) => ({ node_id: "hero", hop, job_id: id, take_id: null }));
  const answers: Answers = {
    "GET /api/projects/project/runs": () => [{ ...RUN, steps }],
    "GET /api/jobs": () => jobs,
  };

  test("tells how far it is, and stops it after saying what may still be billed", async () => {
    const { askedFor } = await showOnCanvas(<RunBar />, { nodes: NODES, answers });
    expect(await screen.findByText("Running 2 of 3")).toBeTruthy();
    expect(screen.getByText("$0.31 spent · 1 queued")).toBeTruthy();

    await userEvent.click(screen.getByRole("button", { name: "Stop" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Stop what is running?" }));
    expect(dialog.getByText(/may still be billed, up to \$0\.58/)).toBeTruthy();
    expect(askedFor("POST /api/projects/project/runs/run/cancel")).toEqual([]);
    await userEvent.click(dialog.getByRole("button", { name: "Stop" }));

    await waitFor(() => expect(askedFor("POST /api/projects/project/runs/run/cancel")).toHaveLength(1));
  });

  test("is not there while nothing runs", async () => {
    await showOnCanvas(<RunBar />, { nodes: NODES });

    await act(async () => {});
    expect(screen.queryByRole("region", { name: "Runs under way" })).toBeNull();
  });

  test("lets a viewer watch, and stop nothing", async () => {
    await showOnCanvas(<RunBar />, { nodes: NODES, answers, project: { role: "viewer" } });

    expect(await screen.findByText("Running 2 of 3")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Stop" })).toBeNull();
  });
});
