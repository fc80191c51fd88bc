/** Which of a picture's addresses a card shows. */

import type { Asset } from "@/api/media";

/** Below this size the picture itself is shown instead of its 320 px thumbnail: sharper, and loaded as quickly. */
const SMALL_PICTURE_BYTES = 600_000;

/** Null while the picture was not inspected, or where it was rejected. */
export function pictureAddress(asset: Asset): string | null {
  return asset.size_bytes <= SMALL_PICTURE_BYTES ? asset.url : (asset.thumbnail_url ?? asset.url);
}

/** The row of facts in words: the same on the card and where the canvas paints it. */
export function pictureFacts({ width, height, file_name }: Asset): string[] {
  return [...(width !== null && height !== null ? [`${width} × ${height}`] : []), file_name];
}
