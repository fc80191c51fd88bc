/** What is read from a picture's status, and where a face lies in what is seen of the picture. */

import { describe, expect, test } from "vitest";
import { parseNodeStatus } from "@/live/node-status";
import { boxInFrame, findingOf, nameFromFile } from "@/nodes/image/faces";

const bbox = { x: 0.4, y: 0.2, width: 0.2, height: 0.2 };

function aFace(id: string, changes: Record<string, unknown> = {}) {
  return { id, bbox, quality: { score: 0.9, problems: [] }, character_id: null, ...changes };
}

function found(status: Record<string, unknown>) {
  return findingOf(parseNodeStatus("succeeded", { asset_id: "a", ...status }));
}

describe("a picture", () => {
  test("whose face belongs to somebody tells who it is", () => {
    const faces = [aFace("other"), aFace("mara", { character_id: "c" })];
    expect(found({ character_id: "c", faces })).toMatchObject({
      kind: "known",
      characterId: "c",
      face: { id: "mara" },
    });
  });

  test.each([
    ["same", true],
    ["duplicate", true],
    ["review", false],
  ])("with a match of the verdict %s is an offer, sure: %s", (verdict, isSure) => {
    const match = { character_id: "c", distance: 0.4, verdict };
    expect(found({ faces: [aFace("f", { match })] })).toMatchObject({ kind: "offer", characterId: "c", isSure });
  });

  test("of several good faces is a choice between those, without the bad one", () => {
    const faces = [aFace("a"), aFace("b"), aFace("c", { quality: { score: 0.2, problems: ["face_too_small"] } })];
    const problem = { code: "several_faces", message: "2 faces are in this picture.", advice: "Pick one." };
    expect(found({ faces, problem })).toMatchObject({ kind: "choice", faces: [{ id: "a" }, { id: "b" }] });
  });

  test("without a usable face says why and what would help", () => {
    const problem = { code: "face_not_found", message: "No face was found.", advice: "Use another." };
    expect(found({ faces: [], problem })).toMatchObject({ kind: "problem", message: "No face was found." });
  });

  test("without consent is a picture and no problem", () => {
    expect(found({ problem: { code: "consent_missing", message: "Nobody confirmed consent.", advice: "" } })).toEqual({
      kind: "picture_only",
    });
  });

  test("of which nothing is told, or nothing readable, does not break the card", () => {
    expect(found({})).toEqual({ kind: "unknown" });
    expect(found({ faces: "many", problem: 7 })).toEqual({ kind: "unknown" });
    expect(findingOf({ state: "idle" })).toEqual({ kind: "unknown" });
  });
});

describe("a face", () => {
  const frame = { width: 320, height: 180 };

  test("in a picture of the frame's shape lies where it is in the picture", () => {
    expect(boxInFrame(bbox, { width: 1280, height: 720 }, frame)).toEqual({
      x: expect.closeTo(0.4),
      y: expect.closeTo(0.2),
      width: expect.closeTo(0.2),
      height: expect.closeTo(0.2),
    });
  });

  test("in a tall picture moves up by a fifth of what is cut off", () => {
    // 320 x 640 is shown: 460 are cut off, of which a fifth at the top; the face begins at 128 of 640.
    expect(boxInFrame(bbox, { width: 640, height: 1280 }, frame)?.y).toBeCloseTo((128 - 92) / 180);
  });

  test("that is cut off is cut, and one outside is not shown", () => {
    const picture = { width: 640, height: 1280 };
    expect(boxInFrame({ x: 0, y: 0.1, width: 0.2, height: 0.1 }, picture, frame)).toMatchObject({ x: 0, y: 0 });
    expect(boxInFrame({ x: 0, y: 0.8, width: 0.2, height: 0.1 }, picture, frame)).toBeNull();
  });
});

test.each([
  ["mara_2.jpg", "Mara"],
  ["jean-luc by the sea.png", "Jean luc by the sea"],
  ["IMG_20260101.HEIC", ""],
  ["DSC0001.JPG", ""],
  ["4711.png", ""],
])("the file %s suggests the name %j", (file, name) => {
  expect(nameFromFile(file)).toBe(name);
});
