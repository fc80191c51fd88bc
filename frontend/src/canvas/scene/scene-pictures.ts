/** Which small pictures a scene needs where it is looked at, and which nodes show one that has come. */

import type { Rect } from "@/canvas/canvas-view";
import type { Faces } from "@/canvas/scene/faces";
import type { SceneIndex } from "@/canvas/scene/scene-index";
import { FRAME } from "@/canvas/scene/scene-nodes";

/** Pictures of cards narrower than this are not worth loading. CSS pixels. */
const NARROWEST_LOADED = 40;

/** The picture that a node shows; null: none. */
export function pictureOf(faces: Faces, slot: number): string | null {
  const fill = faces.of(slot)?.fill;
  return fill?.kind === "picture" || fill?.kind === "coming" ? fill.url : null;
}

/** The pictures in `shown`, those in its middle first, with the width at which each is painted, device pixels. */
export function picturesIn(index: SceneIndex, faces: Faces, shown: Rect, zoom: number, pixelRatio: number) {
  const { nodes } = index;
  const middleX = shown.x + shown.width / 2;
  const middleY = shown.y + shown.height / 2;
  const limit = Math.ceil((shown.width * shown.height * zoom * zoom) / NARROWEST_LOADED ** 2);
  if (nodes.hasMoreThan(limit, shown)) {
    return []; // they could not all be this large: spares a look at each of fifty thousand
  }
  return index
    .query(shown)
    .filter((slot) => nodes.kind[slot] !== FRAME && (nodes.width[slot] ?? 0) * zoom >= NARROWEST_LOADED)
    .flatMap((slot) => {
      const url = pictureOf(faces, slot);
      const { x, y, width, height } = nodes.rectOf(slot);
      const distance = Math.abs(x + width / 2 - middleX) + Math.abs(y + height / 2 - middleY);
      return url === null ? [] : [{ url, width: width * zoom * pixelRatio, distance }];
    })
    .sort((a, b) => a.distance - b.distance);
}

/** The nodes in `shown` whose picture is among `urls`. */
export function showing(index: SceneIndex, faces: Faces, shown: Rect, urls: ReadonlySet<string>): number[] {
  return index.query(shown).filter((slot) => {
    const url = index.nodes.kind[slot] === FRAME ? null : pictureOf(faces, slot);
    return url !== null && urls.has(url);
  });
}
