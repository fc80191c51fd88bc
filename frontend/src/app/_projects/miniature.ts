/** Where things lie in the small picture of a graph. Pure; the picture itself is drawn from it. */

import type { Drawing } from "@/app/_projects/templates";
import { HEADER_HEIGHT, handleOffset, mediaNodeHeight, type Size } from "@/nodes/geometry";

export type BoxKind = "prompt" | "image" | "video";
export type Colour = "text" | "image" | "video";

export interface Box extends Size {
  key: string;
  kind: BoxKind;
  x: number;
  y: number;
  /** Of how many clips a video is made. */
  clips: number;
}

export interface Wire {
  key: string;
  colour: Colour;
  from: { x: number; y: number };
  to: { x: number; y: number };
}

export interface Miniature {
  boxes: readonly Box[];
  wires: readonly Wire[];
  /** What of the canvas the picture shows. */
  view: { x: number; y: number; width: number; height: number };
}

/** As wide and high as on the canvas (src/nodes); a picture of this size hides small differences. */
const SIZES: Record<BoxKind, Size> = {
  prompt: { width: 300, height: 232 },
  image: { width: 330, height: mediaNodeHeight(330) },
  video: { width: 400, height: mediaNodeHeight(400) },
};
/** In the order of the handles on a card. */
const INPUTS = ["prompt", "image", "last_frame", "references", "video"];
const OUTPUT_COLOUR: Record<string, Colour> = { prompt: "text", image: "image", video: "video" };
const MARGIN = 60;
const EMPTY_VIEW = { x: 0, y: 0, width: 1600, height: 900 };

/** The small picture of a graph: what does work in it, and the wires. Frames, notes and what a later release brought are left out. */
export function miniatureOf(drawing: Drawing): Miniature {
  const boxes = drawing.nodes.flatMap(boxOf);
  const byKey = new Map(boxes.map((box) => [box.key, box]));
  const wires = drawing.connections.flatMap(({ source, source_port, target, target_port }) => {
    const from = byKey.get(source);
    const to = byKey.get(target);
    const colour = OUTPUT_COLOUR[source_port];
    if (!from || !to || !colour) {
      return [];
    }
    const input = Math.max(0, INPUTS.indexOf(target_port));
    return {
      key: `${source}-${target}-${target_port}`,
      colour,
      from: { x: from.x + from.width, y: from.y + handleOffset(0) - HEADER_HEIGHT },
      to: { x: to.x, y: to.y + handleOffset(input) - HEADER_HEIGHT },
    };
  });
  return { boxes, wires, view: viewOf(boxes) };
}

/** The card of a node, without the line above it. */
function boxOf({ key, type, position, config }: Drawing["nodes"][number]): Box[] {
  const { x, y } = position;
  switch (type) {
    case "prompt":
    case "image":
    case "video": {
      const { width, height } = SIZES[type];
      const clips = 1 + (Array.isArray(config.extensions) ? config.extensions.length : 0);
      return [{ key, kind: type, x, y: y + HEADER_HEIGHT, width, height: height - HEADER_HEIGHT, clips }];
    }
    default:
      return [];
  }
}

function viewOf(boxes: readonly Box[]): Miniature["view"] {
  if (boxes.length === 0) {
    return EMPTY_VIEW;
  }
  const left = Math.min(...boxes.map((box) => box.x)) - MARGIN;
  const top = Math.min(...boxes.map((box) => box.y)) - MARGIN;
  const right = Math.max(...boxes.map((box) => box.x + box.width)) + MARGIN;
  const bottom = Math.max(...boxes.map((box) => box.y + box.height)) + MARGIN;
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** More would be too small to tell apart. */
const MOST_DRAWN = 5;
const INPUT_PITCH = 330;
const VIDEO_PITCH = 420;

/**
 * A graph to draw for a project that has no picture yet: as many nodes, up to a few, words and pictures on the left, videos on
 * the right. Which of them are words and which pictures comes from the id, so that two projects look different and one always
 * the same.
 */
export function imaginedGraph(projectId: string, nodeCount: number): Drawing {
  const drawn = Math.min(nodeCount, MOST_DRAWN);
  const inputs = Math.floor((drawn + 1) / 2);
  const videos = drawn - inputs;
  const slack = ((inputs - 1) * INPUT_PITCH - (videos - 1) * VIDEO_PITCH) / 2;
  const left = Array.from({ length: inputs }, (_, index) => ({
    key: `in${index}`,
    type: isOdd(projectId, index) ? "image" : "prompt",
    position: { x: 0, y: index * INPUT_PITCH },
    config: {},
  }));
  const right = Array.from({ length: videos }, (_, index) => ({
    key: `out${index}`,
    type: "video",
    position: { x: 640, y: index * VIDEO_PITCH + slack },
    config: {},
  }));
  const connections = left.flatMap(({ key, type }, index) =>
    right
      .filter((_, place) => place === Math.min(index, videos - 1) || (type === "image" && place === index - 1))
      .map((video) => ({ source: key, source_port: type, target: video.key, target_port: type })),
  );
  return { nodes: [...left, ...right], connections };
}

function isOdd(id: string, index: number): boolean {
  const digit = [...id.replaceAll("-", "")].at(-1 - index) ?? "0"; // the first digits of an id are the time
  return Number.parseInt(digit, 16) % 2 === 1;
}
