/** What will become of files that are dragged over the canvas. Pure. */

import { PICTURE_TYPES } from "@/api/uploads";
import { countWords } from "@/canvas/editing/edit-step";

/** `types` of the files as far as the browser tells; an empty one may well be a picture of a phone. */
export function dropWords(types: readonly string[], canEdit: boolean): { words: string; isTaken: boolean } {
  if (!canEdit) {
    return { words: "You can look at this project, but not change it", isTaken: false };
  }
  const pictures = types.filter((type) => type === "" || PICTURE_TYPES.includes(type)).length;
  if (types.length === 0 || pictures === types.length) {
    return {
      words: pictures > 1 ? `Drop to add ${countWords(pictures, "picture")}` : "Drop to add the picture here",
      isTaken: true,
    };
  }
  return pictures > 0
    ? { words: `Drop to add ${countWords(pictures, "picture")}; the rest are none`, isTaken: true }
    : { words: "Only pictures can be dropped here: JPEG, PNG, WebP or HEIC", isTaken: false };
}
