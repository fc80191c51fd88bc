"use client";
/** How much of the canvas the islands cover, by the width of the window: the same breakpoints as their class names. */

import { useSyncExternalStore } from "react";
import type { Insets } from "@/canvas/scene/view-math";

const TOP = 72;
/** The islands at the top stand in two rows. */
const NARROW_TOP = 132;
const BOTTOM = 72;
const TOOLS = 72;
const INSPECTOR = 352;

const NARROW: Insets = { top: NARROW_TOP, right: 0, bottom: BOTTOM, left: 0 };
const WITH_TOOLS: Insets = { ...NARROW, top: TOP, left: TOOLS };
const WITH_INSPECTOR: Insets = { ...WITH_TOOLS, right: INSPECTOR };

/** Tailwind's `lg` and `sm`. */
const BREAKPOINTS = [
  ["(min-width: 1024px)", WITH_INSPECTOR],
  ["(min-width: 640px)", WITH_TOOLS],
] as const;

export function useInsets(): Insets {
  return useSyncExternalStore(watch, read, () => WITH_INSPECTOR);
}

function read(): Insets {
  return BREAKPOINTS.find(([query]) => window.matchMedia(query).matches)?.[1] ?? NARROW;
}

function watch(watcher: () => void): () => void {
  const queries = BREAKPOINTS.map(([query]) => window.matchMedia(query));
  for (const query of queries) {
    query.addEventListener("change", watcher);
  }
  return () => {
    for (const query of queries) {
      query.removeEventListener("change", watcher);
    }
  };
}
