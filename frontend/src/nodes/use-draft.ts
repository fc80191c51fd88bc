"use client";
/**
 * A text that is typed in place: every key shows at once, what was typed is handed on a moment after the last key and when the
 * field is left, and what others write shows as long as nobody types here.
 */

import { useCallback, useEffect, useRef, useState } from "react";

const REST_BEFORE_COMMIT_MS = 500;

export interface Draft {
  /** What the field shows. */
  text: string;
  /** A key was struck. */
  change: (text: string) => void;
  /** Hand on what is typed so far, now. */
  flush: () => void;
  /** The field was left. */
  leave: () => void;
}

/** `value`: the text as the document has it. `commit` changes it there; it is called with what differs only. */
export function useDraft(value: string, commit: (text: string) => void): Draft {
  /** Null: nothing was typed since the field was entered. */
  const [typed, setTyped] = useState<string | null>(null);
  const unsaved = useRef<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const save = useRef(commit);
  useEffect(() => {
    save.current = commit;
  });

  const flush = useCallback(() => {
    clearTimeout(timer.current);
    const text = unsaved.current;
    unsaved.current = null;
    if (text !== null) {
      save.current(text);
    }
  }, []);

  const change = useCallback(
    (text: string) => {
      setTyped(text);
      unsaved.current = text;
      clearTimeout(timer.current);
      timer.current = setTimeout(flush, REST_BEFORE_COMMIT_MS);
    },
    [flush],
  );

  const leave = useCallback(() => {
    flush();
    setTyped(null);
  }, [flush]);

  useEffect(() => {
    const flushIfHidden = () => document.visibilityState === "hidden" && flush();
    document.addEventListener("visibilitychange", flushIfHidden);
    window.addEventListener("pagehide", flush);
    return () => {
      document.removeEventListener("visibilitychange", flushIfHidden);
      window.removeEventListener("pagehide", flush);
      flush(); // the canvas takes cards off the page that nobody sees
    };
  }, [flush]);

  return { text: typed ?? value, change, flush, leave };
}
