/** Saves a file of the project on the person's device, under its own name. */

import type { Asset } from "@/api/media";
import { Problem } from "@/api/problem";

/** Throws Problem. A link alone would open the file instead: browsers name downloads of their own origin only. */
export async function downloadAsset({ url, file_name }: Pick<Asset, "url" | "file_name">): Promise<void> {
  if (url === null) {
    throw new Problem("file_not_ready", `“${file_name}” is not ready yet.`, "Try again in a moment.");
  }
  // Not from the cache: what <video> and <img> have put there came without the headers that let a script read it.
  const answer = await fetch(url, { cache: "no-store" });
  if (!answer.ok) {
    const advice = "Reload the page to ask for a new address, then try again.";
    throw new Problem("file_unreadable", `“${file_name}” could not be read.`, advice, answer.status);
  }
  const address = URL.createObjectURL(await answer.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = file_name;
  link.click();
  // The browser takes hold of the file when the click is handled, which is after this task.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
