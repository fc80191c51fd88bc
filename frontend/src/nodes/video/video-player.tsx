"use client";
/** A video that waits behind its poster and plays in place. Nothing of it is loaded before somebody asks. */

import { Play } from "lucide-react";
import { useRef, useState } from "react";
import { durationWords } from "@/nodes/progress";

interface VideoPlayerProps {
  title: string;
  /** Signed, so it changes now and then; a video that plays is not disturbed by that. */
  address: string;
  poster: string | null;
  durationSeconds: number | null;
}

type Playback = { kind: "poster" } | { kind: "playing"; address: string } | { kind: "broken" };

export function VideoPlayer({ title, address, poster, durationSeconds }: VideoPlayerProps) {
  const [playback, setPlayback] = useState<Playback>({ kind: "poster" });
  const video = useRef<HTMLVideoElement>(null);

  function play() {
    setPlayback({ kind: "playing", address });
    // The element keeps the focus that the button had, so that space pauses.
    requestAnimationFrame(() => video.current?.focus());
  }

  if (playback.kind === "playing") {
    return (
      // biome-ignore lint/a11y/useMediaCaption: a clip of some seconds that was just made; there are no captions of it.
      <video
        ref={video}
        src={playback.address}
        poster={poster ?? undefined}
        aria-label={title}
        autoPlay
        controls
        playsInline
        onError={() => setPlayback({ kind: "broken" })}
        className="size-full object-contain"
      />
    );
  }
  return (
    <button
      type="button"
      onClick={play}
      className="group/play absolute inset-0 size-full rounded-media focus-visible:-outline-offset-4"
    >
      {poster !== null && (
        // biome-ignore lint/performance/noImgElement: a signed address on another host; a static export has no optimiser.
        <img
          src={poster}
          alt=""
          loading="lazy"
          decoding="async"
          className="absolute inset-0 size-full object-contain"
        />
      )}
      <span
        aria-hidden
        className="absolute inset-0 m-auto grid size-12 place-items-center rounded-full bg-scrim text-on-media backdrop-blur-sm transition-transform group-hover/play:scale-110"
      >
        <Play className="size-5 translate-x-px fill-current" />
      </span>
      {durationSeconds !== null && (
        <span className="absolute right-2 bottom-2 rounded-full bg-scrim px-2 py-0.5 text-meta text-on-media tabular-nums">
          {durationWords(durationSeconds)}
        </span>
      )}
      <span className="sr-only">Play {title}</span>
      {playback.kind === "broken" && (
        <span
          role="alert"
          className="absolute inset-x-2 top-2 rounded-input bg-scrim px-3 py-2 text-left text-body text-on-media"
        >
          The video cannot be played. Reload the page to ask for it anew.
        </span>
      )}
    </button>
  );
}
