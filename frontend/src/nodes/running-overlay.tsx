"use client";
/** Over the media of a node that is at work: the stage in words, how far it should be, and how long it may take. */

import { useEffect, useState } from "react";
import type { NodeStatus } from "@/live/node-status";
import { clipWords, durationWords, estimate, stageWord } from "@/nodes/progress";

type Running = Extract<NodeStatus, { state: "running" }>;

export function RunningOverlay({ status }: { status: Running }) {
  const { startedAtMs, expectedSeconds } = status;
  const words = [
    stageWord(status.stage),
    clipWords(status.progress),
    expectedSeconds === null ? null : `usually ${durationWords(expectedSeconds)}`,
  ];
  return (
    <div className="pointer-events-none absolute inset-0 flex flex-col justify-end gap-2 rounded-media bg-linear-to-t from-scrim to-transparent p-4 text-on-media">
      <p className="text-body">{words.filter((part) => part !== null).join(" · ")}</p>
      {startedAtMs === null || expectedSeconds === null ? (
        <Bar percent={null} />
      ) : (
        <Estimated startedAtMs={startedAtMs} expectedSeconds={expectedSeconds} />
      )}
    </div>
  );
}

/** Ticks by itself, once a second, so that nothing around it renders again. */
function Estimated({ startedAtMs, expectedSeconds }: { startedAtMs: number; expectedSeconds: number }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const found = estimate((now - startedAtMs) / 1000, expectedSeconds);
  return (
    <>
      <p className="flex items-end justify-between gap-3">
        {found.kind === "under_way" ? (
          <>
            <span className="font-semibold text-[26px] leading-none tracking-tight tabular-nums">
              {found.percent}%<span className="sr-only"> of the usual time</span>
            </span>
            <span className="text-body tabular-nums">{found.left}</span>
          </>
        ) : (
          <span className="text-body">Taking longer than usual</span>
        )}
      </p>
      <Bar percent={found.kind === "under_way" ? found.percent : null} />
    </>
  );
}

/** Decoration for what the words beside it say; null: nobody knows how far it is. */
function Bar({ percent }: { percent: number | null }) {
  return (
    <div aria-hidden className="h-[5px] overflow-hidden rounded-full bg-on-media/20">
      <div
        className={
          percent === null
            ? "h-full w-full animate-sheen rounded-full bg-run/60"
            : "h-full rounded-full bg-linear-to-r from-type-video to-run"
        }
        style={percent === null ? undefined : { width: `${Math.max(3, percent)}%` }}
      />
    </div>
  );
}
