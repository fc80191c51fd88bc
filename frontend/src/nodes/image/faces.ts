/** What the server found in a picture: whose face, how good, or what keeps it from being somebody. services/core/characters/service.py. Pure. */

import * as z from "zod/mini";
import type { NodeStatus } from "@/live/node-status";

/** A rectangle in fractions of the picture, from its upper left corner. */
const box = z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() });

const match = z.object({ character_id: z.string(), distance: z.number(), verdict: z.string() });

const face = z.object({
  id: z.string(),
  bbox: box,
  quality: z.object({
    /** 0 to 1; from a half up the face can be recognised. */
    score: z.catch(z.number(), 0),
    problems: z.catch(z.array(z.string()), []),
  }),
  character_id: z.catch(z.nullable(z.string()), null),
  match: z.catch(z.nullable(match), null),
});

const pictureStatus = z.object({
  character_id: z.catch(z.nullable(z.string()), null),
  faces: z.catch(z.array(face), []),
  problem: z.catch(
    z.nullable(z.object({ code: z.string(), message: z.string(), advice: z.catch(z.string(), "") })),
    null,
  ),
});

export type Box = z.infer<typeof box>;
export type FoundFace = z.infer<typeof face>;

/** What is known of the people in a picture. */
export type Finding =
  /** Nothing was looked for, or it was not told. */
  | { kind: "unknown" }
  /** Nobody agreed to face analysis: it is a picture and no more. */
  | { kind: "picture_only" }
  | { kind: "known"; face: FoundFace; characterId: string }
  /** It looks like somebody known; a person decides. `isSure`: so near that it could hardly be anybody else. */
  | { kind: "offer"; face: FoundFace; characterId: string; isSure: boolean }
  /** Several good faces: a person says who is meant. */
  | { kind: "choice"; faces: readonly FoundFace[] }
  /** No face, or none that can be recognised: why, and what would help. */
  | { kind: "problem"; faces: readonly FoundFace[]; message: string; advice: string };

/** What is known of the people in the picture of an image node. */
export function findingOf(status: NodeStatus): Finding {
  const parsed = pictureStatus.safeParse(status.state === "succeeded" ? status.detail : {});
  if (!parsed.success) {
    return { kind: "unknown" };
  }
  const { faces, problem } = parsed.data;
  const known = faces.find((found) => found.character_id !== null);
  if (known?.character_id) {
    return { kind: "known", face: known, characterId: known.character_id };
  }
  const offered = faces.find((found) => found.match !== null);
  if (offered?.match) {
    const { character_id: characterId, verdict } = offered.match;
    return { kind: "offer", face: offered, characterId, isSure: verdict !== "review" };
  }
  if (problem === null) {
    return { kind: "unknown" };
  }
  const good = faces.filter(({ quality }) => quality.problems.length === 0);
  if (problem.code === "several_faces" && good.length > 0) {
    return { kind: "choice", faces: good };
  }
  return problem.code === "consent_missing"
    ? { kind: "picture_only" }
    : { kind: "problem", faces, message: problem.message, advice: problem.advice };
}

/** "92 %": how well a face can be recognised. */
export function qualityWords({ quality }: FoundFace): string {
  return `${Math.round(Math.min(1, Math.max(0, quality.score)) * 100)} %`;
}

/** Where a picture that covers its frame lies in it: the same as `object-cover` at these fractions of what is left over. */
export const PICTURE_POSITION = { x: 0.5, y: 0.2 };

interface Area {
  width: number;
  height: number;
}

/** Where a face is seen in a frame that the picture covers, in fractions of the frame; null: outside of what is seen. */
export function boxInFrame(bbox: Box, picture: Area, frame: Area): Box | null {
  const scale = Math.max(frame.width / picture.width, frame.height / picture.height);
  const shown = { width: (picture.width * scale) / frame.width, height: (picture.height * scale) / frame.height };
  const left = (1 - shown.width) * PICTURE_POSITION.x + bbox.x * shown.width;
  const top = (1 - shown.height) * PICTURE_POSITION.y + bbox.y * shown.height;
  const right = Math.min(1, left + bbox.width * shown.width);
  const bottom = Math.min(1, top + bbox.height * shown.height);
  const x = Math.max(0, left);
  const y = Math.max(0, top);
  return right <= x || bottom <= y ? null : { x, y, width: right - x, height: bottom - y };
}

/** A first name for a person from the picture's file: "Mara" of "mara_2.jpg"; empty where a camera named it. */
export function nameFromFile(fileName: string): string {
  const stem = fileName.replace(/\.[^.]*$/, "").replace(/[_-]+/g, " ");
  const words = stem.replace(/\d+/g, " ").trim();
  const isCameraName = /^(img|dsc[nf]?|pxl|image|photo|picture|screenshot|face|portrait)?$/i.test(
    words.split(/\s+/)[0] ?? "",
  );
  return isCameraName ? "" : `${words.charAt(0).toUpperCase()}${words.slice(1, 80)}`;
}
