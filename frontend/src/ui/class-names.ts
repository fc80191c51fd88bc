/** Joins class names; of two that contradict each other the later one counts. */

import { type ClassValue, clsx } from "clsx";
import { extendTailwindMerge } from "tailwind-merge";

const merge = extendTailwindMerge({
  extend: { theme: { text: ["title", "body", "node", "meta"], radius: ["input", "media", "island", "node"] } },
});

export function cn(...classes: ClassValue[]): string {
  return merge(clsx(classes));
}
