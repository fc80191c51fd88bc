// @vitest-environment jsdom
/** The gallery and the characters: what they list, and where they lead. */

import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, test } from "vitest";
import { CharactersPanel } from "@/canvas/characters/characters-panel";
import { GalleryPanel } from "@/canvas/gallery/gallery-panel";
import { showOnCanvas } from "@/canvas/inspector/test-canvas";
import { anAsset, aTake } from "@/canvas/viewer/test-takes";
import { aNode } from "@/live/test-builders";
import type { Answers } from "@/nodes/settings/test-studio";

afterEach(cleanup);

const PICTURE = anAsset({
  id: "photo",
  kind: "image",
  file_name: "mara_2.jpg",
  duration_seconds: null,
  created_at: "2026-01-01T00:02:00Z",
});

const face = { id: "face", bbox: { x: 0, y: 0, width: 1, height: 1 }, quality: { score: 0.9 }, character_id: null };
const match = { character_id: "mara", distance: 0.4, verdict: "review" };

const NODES = [
  aNode({ id: "hero", title: "Hero shot" }),
  aNode({
    id: "portrait",
    type: "image",
    title: "Portrait",
    config: { asset_id: "photo" },
    state: "succeeded",
    status: { faces: [{ ...face, match }] },
  }),
];

const MARA = {
  id: "mara",
  project_id: "project",
  name: "Mara",
  created_at: "2026-01-01T00:00:00Z",
  faces: [],
  asset_ids: ["photo"],
};

const ANSWERS: Answers = {
  "GET /api/files": () => [PICTURE],
  "GET /api/projects/project/takes": () => [
    aTake("new", 3),
    aTake("old", 1),
    aTake("orphan", 0, { node_id: "deleted", asset: anAsset({ file_name: "gone.mp4" }) }),
  ],
  "GET /api/characters": () => [MARA],
};

describe("the gallery", () => {
  const panel = { kind: "gallery" } as const;

  test("lists takes and pictures, newest first; those whose node is gone lead nowhere", async () => {
    await showOnCanvas(<GalleryPanel />, { nodes: NODES, panel, answers: ANSWERS });

    const items = await screen.findAllByRole("figure");
    expect(items.map((item) => item.querySelector("figcaption")?.textContent)).toEqual([
      "Hero shot",
      "Portrait",
      "Hero shot",
      "gone.mp4",
    ]);
    expect(screen.getByRole("button", { name: "gone.mp4" })).toHaveProperty("disabled", true);
  });

  test("a click goes to the node, a double click opens its takes", async () => {
    const { canvas, revealed } = await showOnCanvas(<GalleryPanel />, { nodes: NODES, panel, answers: ANSWERS });

    await userEvent.click(await screen.findByRole("button", { name: "Go to Portrait" }));
    expect(revealed).toEqual(["portrait"]);
    expect([...canvas.selection.state.getState().nodes]).toEqual(["portrait"]);

    const [first] = screen.getAllByRole("button", { name: "Go to Hero shot" });
    await userEvent.dblClick(first ?? document.body);
    expect(canvas.state.getState().panel).toEqual({
      kind: "takes",
      nodeId: "hero",
      takeId: "new",
      from: "gallery",
    });
  });

  test("shows pictures alone when asked", async () => {
    await showOnCanvas(<GalleryPanel />, { nodes: NODES, panel, answers: ANSWERS });

    await userEvent.click(await screen.findByRole("radio", { name: "Pictures" }));

    expect(screen.getAllByRole("figure")).toHaveLength(1);
  });

  test("shows forty of many, and the rest as it is scrolled", async () => {
    const many = Array.from({ length: 90 }, (_, index) => aTake(`take-${index}`, 1));
    await showOnCanvas(<GalleryPanel />, {
      nodes: NODES,
      panel,
      answers: { "GET /api/projects/project/takes": () => many },
    });

    expect(await screen.findAllByRole("figure")).toHaveLength(40);
  });

  test("is not there while another panel is open", async () => {
    await showOnCanvas(<GalleryPanel />, { nodes: NODES, answers: ANSWERS });

    expect(screen.queryByRole("heading", { name: "Gallery" })).toBeNull();
  });
});

describe("the characters", () => {
  const panel = { kind: "characters" } as const;

  test("are forgotten only after it was said what that means", async () => {
    const { askedFor } = await showOnCanvas(<CharactersPanel />, {
      nodes: NODES,
      panel,
      answers: { ...ANSWERS, "DELETE /api/characters/mara": () => new Response(null, { status: 204 }) },
    });

    await userEvent.click(await screen.findByRole("button", { name: "Forget Mara" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Forget Mara?" }));
    expect(dialog.getByText(/deleted everywhere. This cannot be undone/)).toBeTruthy();
    expect(askedFor("DELETE /api/characters/mara")).toEqual([]);
    await userEvent.click(dialog.getByRole("button", { name: "Forget Mara" }));

    await waitFor(() => expect(askedFor("DELETE /api/characters/mara")).toHaveLength(1));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  test("get another name", async () => {
    const { askedFor } = await showOnCanvas(<CharactersPanel />, {
      nodes: NODES,
      panel,
      answers: { ...ANSWERS, "PATCH /api/characters/mara": () => ({ ...MARA, name: "Maya" }) },
    });

    await userEvent.click(await screen.findByRole("button", { name: "Rename Mara" }));
    await userEvent.clear(screen.getByRole("textbox", { name: "Name" }));
    await userEvent.type(screen.getByRole("textbox", { name: "Name" }), "Maya{Enter}");

    await waitFor(() => expect(askedFor("PATCH /api/characters/mara")[0]?.body).toEqual({ name: "Maya" }));
  });

  test("lead to the nodes that show them", async () => {
    const { revealed } = await showOnCanvas(<CharactersPanel />, { nodes: NODES, panel, answers: ANSWERS });

    expect(await screen.findByText("1 picture, on 1 node")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Go to Portrait" }));

    expect(revealed).toEqual(["portrait"]);
  });

  test("whose pictures no node shows are put on the canvas again", async () => {
    const { canvas, project } = await showOnCanvas(<CharactersPanel />, { panel, answers: ANSWERS });

    await userEvent.click(await screen.findByRole("button", { name: "Put mara_2.jpg on the canvas" }));

    const [node] = project.graph.getState().nodes.values();
    expect(node).toMatchObject({ type: "image", title: "Mara", config: { asset_id: "photo" } });
    expect([...canvas.selection.state.getState().nodes]).toEqual([node?.id]);
    expect(await screen.findByRole("button", { name: "Go to Mara" })).toBeTruthy();
  });

  test("that a picture looks like are offered: the same person, or somebody else", async () => {
    const { askedFor } = await showOnCanvas(<CharactersPanel />, {
      nodes: NODES,
      panel,
      answers: { ...ANSWERS, "POST /api/characters/mara/references": () => MARA },
    });

    const offer = within(await screen.findByRole("region", { name: "Is it the same person?" }));
    expect(offer.getByText(/It may be/).textContent).toContain("Mara");
    await userEvent.click(offer.getByRole("button", { name: "The same person" }));

    await waitFor(() => expect(askedFor("POST /api/characters/mara/references")[0]?.body).toEqual({ face_id: "face" }));
  });

  test("are read, not changed, by a viewer", async () => {
    await showOnCanvas(<CharactersPanel />, { nodes: NODES, panel, answers: ANSWERS, project: { role: "viewer" } });

    expect(await screen.findByRole("heading", { name: "Mara" })).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Forget Mara" })).toBeNull();
    expect(screen.queryByRole("button", { name: "The same person" })).toBeNull();
  });
});
