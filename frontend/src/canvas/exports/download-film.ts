/** Saves a film on the person's device: by its address, as it may be larger than a page can hold. */

import type { Export } from "@/api/exports";

/** Null: the film is not made yet. The address says that it is to be saved, and under which name. */
export function downloadFilm({ download_url }: Pick<Export, "download_url">): void {
  if (download_url !== null) {
    const link = document.createElement("a");
    link.href = download_url;
    link.click();
  }
}
