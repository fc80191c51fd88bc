// @vitest-environment jsdom
/** The inspector: the project, one node with its history and price, or several nodes. */

import { act, cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, test } from "vitest";
import { Inspector } from "@/canvas/inspector/inspector";
import { readDollars } from "@/canvas/inspector/limit-field";
import { showOnCanvas } from "@/canvas/inspector/test-canvas";
import { aTake } from "@/canvas/viewer/test-takes";
import { aNode } from "@/live/test-builders";
import { NO_MONEY } from "@/nodes/settings/test-studio";

afterEach(cleanup);

const NODES = [
  aNode({ id: "hero", title: "Hero shot", selected_take_id: "first" }),
  aNode({ id: "words", type: "prompt", title: "Shot prompt", config: { text: "A lighthouse." } }),
];

const money = { ...NO_MONEY, captured_microusd: 1_600_000, reserved_microusd: 400_000 };
const moneyAnswers = { "GET /api/projects/project/money": () => money };

function estimateOf(work: string, cost: number) {
  const step = { node_id: "hero", hop: 0, kind: "generate", model: "veo", work, cost_microusd: cost };
  return { cost_microusd: cost, expected_seconds: 60, aliases: {}, steps: [{ ...step, expected_seconds: 60 }] };
}

describe("with nothing selected", () => {
  test("shows the project's money and what is on the canvas", async () => {
    await showOnCanvas(<Inspector />, { nodes: NODES, answers: moneyAnswers });

    const section = within(await screen.findByRole("region", { name: "Money" }));
    expect(await section.findByText("of $20.00")).toBeTruthy();
    expect(section.getByText("$0.40")).toBeTruthy();
    expect(section.getByText("$18.00")).toBeTruthy();
    expect(screen.getByText("1 video")).toBeTruthy();
    expect(screen.getByText("1 prompt")).toBeTruthy();
  });

  test("lets the owner alone change the limit", async () => {
    await showOnCanvas(<Inspector />, { nodes: NODES, answers: moneyAnswers, project: { role: "editor" } });

    expect(await screen.findByText("of $20.00")).toBeTruthy();
    expect(screen.queryByRole("textbox", { name: "Spending limit" })).toBeNull();
  });
});

describe("with one node selected", () => {
  test("shows its settings, what it costs and what is left", async () => {
    const { askedFor } = await showOnCanvas(<Inspector />, {
      nodes: NODES,
      selected: ["hero"],
      answers: { ...moneyAnswers, "POST /api/ai/estimate": () => estimateOf("new", 3_200_000) },
    });

    expect(screen.getByRole("heading", { name: "Hero shot" })).toBeTruthy();
    expect(await screen.findByText("8 s at $0.40")).toBeTruthy();
    expect(await screen.findByText("budget left $18.00")).toBeTruthy();
    await userEvent.click(await screen.findByRole("button", { name: "Run $3.20" }));

    expect(askedFor("POST /api/projects/project/runs")[0]?.body).toMatchObject({ scope: "node", force: false });
  });

  test("whose video exists offers another take, and pays for it", async () => {
    const { askedFor } = await showOnCanvas(<Inspector />, {
      nodes: NODES,
      selected: ["hero"],
      answers: {
        ...moneyAnswers,
        "POST /api/ai/estimate": ({ body }) =>
          JSON.stringify(body).includes('"force":true') ? estimateOf("new", 3_200_000) : estimateOf("exists", 0),
      },
    });

    await userEvent.click(await screen.findByRole("button", { name: "Make another take $3.20" }));

    expect(askedFor("POST /api/projects/project/runs")[0]?.body).toMatchObject({ scope: "node", force: true });
  });

  test("shows its takes and what ended badly, newest first, and another take is used by a click", async () => {
    const bad = {
      id: "j",
      node_id: "hero",
      hop: 0,
      state: "blocked",
      message: "It names a real person.",
      advice: null,
    };
    const at = "2026-01-01T00:03:00Z";
    const { project } = await showOnCanvas(<Inspector />, {
      nodes: NODES,
      selected: ["hero"],
      answers: {
        ...moneyAnswers,
        "GET /api/projects/project/takes": () => [aTake("second", 4), aTake("first", 1)],
        "GET /api/jobs": () => [{ ...bad, created_at: at, finished_at: at }],
      },
    });

    await userEvent.click(screen.getByRole("tab", { name: "History" }));
    const entries = await screen.findAllByRole("article");
    expect(entries.map((entry) => entry.getAttribute("aria-label"))).toEqual(["Take 2", "Blocked", "Take 1"]);
    expect(screen.getByText("It names a real person.")).toBeTruthy();
    expect(screen.getByText("The words of second.")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Use" }));

    expect(project.statuses.get("hero").selectedTakeId).toBe("second");
  });

  test("that others delete shows the project again", async () => {
    const { project } = await showOnCanvas(<Inspector />, { nodes: NODES, selected: ["words"] });
    expect(screen.getByRole("heading", { name: "Shot prompt" })).toBeTruthy();

    act(() => project.edit("delete", [{ op: "delete_node", node_id: "words" }]));

    await waitFor(() => expect(screen.getByText("Select a node to see its settings")).toBeTruthy());
  });
});

test("with several selected it says how many, and shows what is given for them", async () => {
  await showOnCanvas(
    <Inspector>
      <button type="button">Align left</button>
    </Inspector>,
    { nodes: NODES, selected: ["hero", "words"] },
  );

  expect(screen.getByRole("heading", { name: "2 nodes selected" })).toBeTruthy();
  expect(screen.getByRole("button", { name: "Align left" })).toBeTruthy();
});

test.each([
  ["25", 25_000_000],
  [" $12.50 ", 12_500_000],
  ["", null],
  ["-1", null],
  ["1e3", null],
  ["ten", null],
])("a limit typed as %o is %o micro-dollars", (text, amount) => {
  expect(readDollars(text)).toBe(amount);
});
