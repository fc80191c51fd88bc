"use client";
/** Something that a click starts and that takes a moment: busy meanwhile, and a problem is said where the page says such things. */

import { useCallback, useEffect, useRef, useState } from "react";
import { asProblem } from "@/api/problem";
import { toast } from "@/ui/toaster";

export interface Task {
  isBusy: boolean;
  /** Do it, unless it is being done. True: it went well. */
  start: (work: () => Promise<unknown>) => Promise<boolean>;
}

export function useTask(): Task {
  const [isBusy, setBusy] = useState(false);
  const isRunning = useRef(false);
  const isShown = useIsMounted();
  const start = useCallback(
    async (work: () => Promise<unknown>) => {
      if (isRunning.current) {
        return false;
      }
      isRunning.current = true;
      setBusy(true);
      try {
        await work();
        return true;
      } catch (thrown) {
        const { detail, advice } = asProblem(thrown);
        toast.problem(detail, { description: advice });
        return false;
      } finally {
        isRunning.current = false;
        if (isShown.current) {
          setBusy(false);
        }
      }
    },
    [isShown],
  );
  return { isBusy, start };
}

function useIsMounted() {
  const isMounted = useRef(true);
  useEffect(() => {
    isMounted.current = true;
    return () => {
      isMounted.current = false;
    };
  }, []);
  return isMounted;
}
