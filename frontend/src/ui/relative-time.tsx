"use client";
/** A moment as people say it, "3 minutes ago", kept true while the page stays open. */

import { useEffect, useState } from "react";

const UNITS: readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** How long ago `at` is, seen from `now`; both in milliseconds since the epoch. */
export function relativeWords(at: number, now: number): string {
  const seconds = Math.max(0, (now - at) / 1000);
  const found = UNITS.find(([, size]) => seconds >= size);
  if (!found) {
    return "just now";
  }
  const [unit, size] = found;
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(-Math.floor(seconds / size), unit);
}

export function RelativeTime({ at }: { at: string }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  const moment = new Date(at);
  return (
    <time dateTime={at} title={moment.toLocaleString()}>
      {relativeWords(moment.getTime(), now)}
    </time>
  );
}
