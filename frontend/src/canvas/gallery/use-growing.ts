"use client";
/** A list that is shown in parts: the next one as soon as the end of the last comes near. */

import { type RefCallback, useCallback, useState } from "react";

const PART = 40;
/** The next part is there before somebody sees the end of this one. */
const AHEAD = "600px";

interface Growing {
  /** How many to show. */
  count: number;
  /** Of an element after the last one. */
  end: RefCallback<Element>;
}

export function useGrowing(total: number): Growing {
  const [parts, setParts] = useState(1);
  const count = Math.min(total, parts * PART);
  const end = useCallback(
    (element: Element | null) => {
      if (!element) {
        return;
      }
      // A new observer for each part: it tells at once where the end is still in sight.
      const observer = new IntersectionObserver(
        (entries) => entries.some(({ isIntersecting }) => isIntersecting) && setParts(count / PART + 1),
        { rootMargin: AHEAD },
      );
      observer.observe(element);
      return () => observer.disconnect();
    },
    [count],
  );
  return { count, end };
}
