/** What an address leads to that leads nowhere. */

import type { Metadata } from "next";
import { Notice } from "@/ui/notice";

export const metadata: Metadata = { title: "Not found" };

export default function NotFound() {
  return (
    <Notice title="There is no such page">
      <p>The address may be mistyped, or what was here has moved.</p>
      <a href="/" className="text-fg underline underline-offset-4">
        Go to your projects
      </a>
    </Notice>
  );
}
