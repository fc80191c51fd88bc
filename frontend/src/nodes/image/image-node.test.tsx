// @vitest-environment jsdom
/** An image node: takes a picture, asks before faces are looked for, and lets a person say who is who. */

import { act, cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { aNode } from "@/live/test-builders";
import { uploads } from "@/nodes/image/uploads";
import { anAsset, showCards } from "@/nodes/test-cards";

beforeAll(() => {
  // jsdom has no addresses for files.
  vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: () => "blob:picture", revokeObjectURL: () => {} }));
});

afterEach(() => {
  uploads.cancel("node");
  cleanup();
});

const FILES = "GET /api/files";
const CHARACTERS = "GET /api/characters";
const mara = { id: "c", project_id: "project", name: "Mara", created_at: "", faces: [], asset_ids: [] };
const picture = new File(["0123456789"], "mara.jpg", { type: "image/jpeg" });

function aFace(id: string, changes: Record<string, unknown> = {}) {
  const bbox = { x: 0.4, y: 0.3, width: 0.1, height: 0.2 };
  return { id, bbox, quality: { score: 0.92, problems: [] }, character_id: null, ...changes };
}

async function showPicture(status: Record<string, unknown>, options = {}) {
  const node = aNode({ type: "image", title: "Portrait", config: { asset_id: "asset" }, state: "succeeded", status });
  const stage = await showCards([node], { answers: { [FILES]: [anAsset()], [CHARACTERS]: [mara] }, ...options });
  await screen.findByRole("img", { name: "Portrait" });
  return stage;
}

describe("an image node without a picture", () => {
  async function dropped(file: File) {
    const stage = await showCards([aNode({ type: "image", title: "Portrait" })]);
    const dataTransfer = { types: ["Files"], files: [file], dropEffect: "none" };
    fireEvent.drop(screen.getByText("Drop a picture here"), { dataTransfer });
    return stage;
  }

  test("asks about consent before anything is sent", async () => {
    const { sent } = await dropped(picture);

    expect(screen.getByText(/agree to face analysis/)).toBeTruthy();
    expect(sent).toEqual([]);
  });

  test.each([
    ["They agree", true],
    ["Picture only", false],
  ])("sends the answer %s with the picture", async (name, consent) => {
    const { sent } = await dropped(picture);
    await act(async () => fireEvent.click(screen.getByRole("button", { name })));

    await vi.waitFor(() => expect(sent).toHaveLength(1));
    expect(sent[0]).toMatchObject({
      line: "POST /api/files/uploads",
      key: expect.stringMatching(/\w/),
      body: { project_id: "project", node_id: "node", file_name: "mara.jpg", size_bytes: 10, consent },
    });
  });

  test("says in words what is wrong with a file that is no picture, and lets go of it", async () => {
    await dropped(new File(["x"], "notes.txt", { type: "text/plain" }));
    expect(screen.getByText("“notes.txt” is not a picture that can be read.")).toBeTruthy();
    fireEvent.click(screen.getByRole("button", { name: "Dismiss" }));

    expect(screen.getByText("Drop a picture here")).toBeTruthy();
  });

  test("takes a chosen file like a dropped one", async () => {
    await showCards([aNode({ type: "image", title: "Portrait" })]);
    fireEvent.change(screen.getByLabelText("Picture file"), { target: { files: [picture] } });

    expect(screen.getByText(/agree to face analysis/)).toBeTruthy();
  });

  test("takes none from a viewer", async () => {
    await showCards([aNode({ type: "image", title: "Portrait" })], { role: "viewer" });

    expect(screen.getByText("No picture yet")).toBeTruthy();
    expect(screen.queryByRole("button")).toBeNull();
  });
});

describe("a picture with a face", () => {
  test("that is known shows who it is, and the name can be changed", async () => {
    const { sent } = await showPicture({ character_id: "c", faces: [aFace("f", { character_id: "c" })] });
    fireEvent.click(await screen.findByRole("button", { name: "Character Mara: rename" }));
    const field = screen.getByRole("textbox", { name: "Name of the character" });
    fireEvent.change(field, { target: { value: "Mara Lind" } });
    await act(async () => fireEvent.blur(field));

    expect(sent).toMatchObject([{ line: "PATCH /api/characters/c", body: { name: "Mara Lind" } }]);
    expect(screen.getByText("92 %")).toBeTruthy();
  });

  test("that looks like somebody is theirs after Yes", async () => {
    const match = { character_id: "c", distance: 0.4, verdict: "same" };
    const { sent } = await showPicture({ faces: [aFace("f", { match })] });
    expect(await screen.findByText("Looks like Mara")).toBeTruthy();
    await act(async () => fireEvent.click(screen.getByRole("button", { name: "Yes" })));

    expect(sent).toMatchObject([{ line: "POST /api/characters/c/references", body: { face_id: "f" } }]);
  });

  test("that looks like somebody may be someone else, by a name of their own", async () => {
    const match = { character_id: "c", distance: 0.55, verdict: "review" };
    const { sent } = await showPicture({ faces: [aFace("f", { match })] });
    expect(await screen.findByText("Could be Mara")).toBeTruthy();
    fireEvent.click(screen.getByRole("button", { name: "Someone else" }));
    fireEvent.change(screen.getByRole("combobox", { name: "Name of this person" }), { target: { value: "Jo" } });
    await act(async () => fireEvent.click(screen.getByRole("button", { name: "Save" })));

    const body = { project_id: "project", face_id: "f", name: "Jo" };
    expect(sent).toMatchObject([{ line: "POST /api/characters", body }]);
  });

  test("of several asks which one is meant; a known name makes it one more picture of that person", async () => {
    const problem = { code: "several_faces", message: "2 faces are in this picture.", advice: "Pick one." };
    const { sent } = await showPicture({ faces: [aFace("a"), aFace("b")], problem });
    fireEvent.click(screen.getByRole("button", { name: /^Face 2/ }));
    fireEvent.change(screen.getByRole("combobox", { name: "Name of this person" }), { target: { value: "mara" } });
    const save = await screen.findByRole("button", { name: "It is them" });
    await act(async () => fireEvent.click(save));

    expect(sent).toMatchObject([{ line: "POST /api/characters/c/references", body: { face_id: "b" } }]);
  });

  test("that cannot be used says why, and what would help", async () => {
    const problem = { code: "face_not_found", message: "No face was found in this picture.", advice: "Use another." };
    await showPicture({ faces: [], problem });
    fireEvent.click(screen.getByRole("button", { name: /No face was found/ }));

    expect(screen.getByText("Use another.")).toBeTruthy();
  });

  test("offers a viewer no decision", async () => {
    const match = { character_id: "c", distance: 0.4, verdict: "same" };
    await showPicture({ faces: [aFace("f", { match })] }, { role: "viewer" });

    expect(screen.queryByRole("button", { name: "Yes" })).toBeNull();
  });
});

test("a picture that was rejected says why, and another can be chosen", async () => {
  const status = { message: "The file is no picture.", advice: "Upload a photo." };
  await showCards([aNode({ type: "image", config: { asset_id: "asset" }, state: "failed", status })]);

  expect(screen.getByText("The file is no picture.")).toBeTruthy();
  expect(screen.getByRole("button", { name: "Choose another picture" })).toBeTruthy();
});
