/** Files that people bring: dropped on the page as the browser does it. */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";

/** A real photo of one face; where it is from, its folder tells. */
export const PORTRAIT = fileURLToPath(new URL("../../../tests/media/astronaut.jpg", import.meta.url));

/** Drop a file at a point of the window, on whatever lies there: the events that a browser sends, in their order. */
export async function dropFile(page: Page, path: string, at: { x: number; y: number }): Promise<void> {
  const file = {
    base64: (await readFile(path)).toString("base64"),
    name: path.split("/").at(-1) ?? "file",
  };
  await page.evaluate(
    ({ base64, name, x, y }) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], name, { type: "image/jpeg" }));
      for (const type of ["dragenter", "dragover", "drop"]) {
        const target = document.elementFromPoint(x, y);
        const init = { bubbles: true, cancelable: true, composed: true, clientX: x, clientY: y, dataTransfer };
        target?.dispatchEvent(new DragEvent(type, init));
      }
    },
    { ...file, ...at },
  );
}
