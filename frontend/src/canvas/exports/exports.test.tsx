// @vitest-environment jsdom
/** Exporting a film from what is selected, and hearing of its end. */

import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import type { Export } from "@/api/exports";
import { ExportBar } from "@/canvas/exports/export-bar";
import { ExportPanel } from "@/canvas/exports/export-panel";
import { endedSince } from "@/canvas/exports/news";
import { showOnCanvas } from "@/canvas/inspector/test-canvas";
import { anAsset, aTake } from "@/canvas/viewer/test-takes";
import { aNode } from "@/live/test-builders";
import { toast } from "@/ui/toaster";

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const FILMS = "/api/projects/project/exports";

function aFilm(changes: Partial<Export> = {}): Export {
  return {
    id: "film",
    project_id: "project",
    user_id: "me",
    take_ids: ["one"],
    resolution: "1080p",
    state: "running",
    progress: 0.42,
    attempt: 1,
    cause: null,
    message: null,
    advice: null,
    asset: null,
    download_url: null,
    created_at: "2026-01-01T00:00:00Z",
    started_at: null,
    finished_at: null,
    ...changes,
  };
}

const NODES = [
  aNode({ id: "right", title: "Landing", position: { x: 500, y: 0 }, selected_take_id: "two" }),
  aNode({ id: "left", title: "Take-off", position: { x: 0, y: 0 }, selected_take_id: "one" }),
  aNode({ id: "words", type: "prompt", title: "Words" }),
];
const TAKES = [aTake("one", 1, { node_id: "left" }), aTake("two", 2, { node_id: "right" })];

function openPanel(takes = TAKES, films: Export[] = []) {
  return showOnCanvas(<ExportPanel />, {
    nodes: NODES,
    panel: { kind: "export", nodeIds: NODES.map(({ id }) => id) },
    answers: {
      "GET /api/projects/project/takes": () => takes,
      [`GET ${FILMS}`]: () => films,
      [`POST ${FILMS}`]: () => Response.json(aFilm({ state: "queued" }), { status: 202 }),
    },
  });
}

async function clipNames(): Promise<string[]> {
  const list = await screen.findByRole("list", { name: "Clips of the film" });
  return within(list)
    .getAllByRole("listitem")
    .map(({ textContent }) => textContent ?? "");
}

test("selected videos are exported from left to right, in the order that the person gives them", async () => {
  const { canvas, askedFor } = await openPanel();
  expect(await clipNames()).toEqual(["Take-off8 s", "Landing8 s"]);
  expect(screen.getByText("16 s, about 1 MB")).toBeDefined();

  await userEvent.click(screen.getByRole("button", { name: "Move Landing up" }));
  await userEvent.click(screen.getByRole("radio", { name: "1080p" }));
  expect(screen.getByText("16 s, about 16 MB")).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: "Export" }));

  await waitFor(() => expect(canvas.state.getState().panel.kind).toBe("none"));
  const [asked] = askedFor(`POST ${FILMS}`);
  expect(asked?.body).toEqual({ film: { kind: "takes", take_ids: ["two", "one"] }, resolution: "1080p" });
  expect(asked?.headers.get("Idempotency-Key")).toMatch(/^[0-9a-f-]{36}$/);
});

test("a clip that is left out is not in the film, and without any there is none", async () => {
  const { askedFor } = await openPanel();
  await clipNames();

  await userEvent.click(screen.getByRole("button", { name: "Leave Landing out" }));
  expect(await clipNames()).toEqual(["Take-off8 s"]);
  await userEvent.click(screen.getByRole("button", { name: "Export" }));

  await waitFor(() => expect(askedFor(`POST ${FILMS}`)).toHaveLength(1));
  expect(askedFor(`POST ${FILMS}`)[0]?.body).toEqual({
    film: { kind: "takes", take_ids: ["one"] },
    resolution: "source",
  });
});

test("clips of different sizes are brought to one, and it says why", async () => {
  const tall = aTake("two", 2, { node_id: "right", asset: anAsset({ id: "tall", width: 720, height: 1280 }) });
  await openPanel([aTake("one", 1, { node_id: "left" }), tall]);
  await clipNames();

  expect(screen.getByRole("radio", { name: /As it is.*The clips have different sizes/ })).toHaveProperty(
    "disabled",
    true,
  );
  expect(screen.getByRole("radio", { name: "1080p" })).toHaveProperty("ariaChecked", "true");
});

test("where nothing is finished, it says what to select; films made before can be saved again", async () => {
  const made = aFilm({ state: "succeeded", asset: anAsset({ file_name: "Teaser (4k).mp4" }), download_url: "#film" });
  await openPanel([], [made]);

  expect(await screen.findByText(/None of what is selected has a finished video/)).toBeDefined();
  expect(await screen.findByRole("button", { name: "Download Teaser (4k).mp4" })).toBeDefined();
});

test("while a film is made, the bar says how far it is, and stops it", async () => {
  let films = [aFilm()];
  const { askedFor } = await showOnCanvas(<ExportBar />, {
    answers: {
      [`GET ${FILMS}`]: () => films,
      [`POST ${FILMS}/film/cancel`]: () => {
        films = [aFilm({ state: "cancelled" })];
        return films[0];
      },
    },
  });
  expect(await screen.findByText("Film: 42 %")).toBeDefined();

  await userEvent.click(screen.getByRole("button", { name: "Cancel" }));

  await waitFor(() => expect(screen.queryByRole("region", { name: "Film under way" })).toBeNull());
  expect(askedFor(`POST ${FILMS}/film/cancel`)).toHaveLength(1);
});

test("the end of one's own film is said, with what to do", async () => {
  const done = vi.spyOn(toast, "done").mockImplementation(() => {});
  const problem = vi.spyOn(toast, "problem").mockImplementation(() => {});
  let films = [aFilm({ id: "good" }), aFilm({ id: "bad" }), aFilm({ id: "theirs", user_id: "jon" })];
  await showOnCanvas(<ExportBar />, { answers: { [`GET ${FILMS}`]: () => films } });
  expect(await screen.findAllByText("Film: 42 %")).toHaveLength(3);

  films = [
    aFilm({ id: "good", state: "succeeded" }),
    aFilm({ id: "bad", state: "failed", message: "It did not work.", advice: "Try again." }),
    aFilm({ id: "theirs", user_id: "jon", state: "succeeded" }),
  ];

  await waitFor(() => expect(done).toHaveBeenCalledTimes(1));
  expect(problem).toHaveBeenCalledExactlyOnceWith("It did not work.", { description: "Try again." });
});

test("only what was under way before one's eyes is news", () => {
  const before = [aFilm({ id: "a" }), aFilm({ id: "b", state: "succeeded" }), aFilm({ id: "c" })];
  const now = [aFilm({ id: "a", state: "failed" }), aFilm({ id: "b", state: "succeeded" }), aFilm({ id: "new" })];
  expect(endedSince(before, [...now, aFilm({ id: "c", state: "cancelled" })]).map(({ id }) => id)).toEqual(["a"]);
});
