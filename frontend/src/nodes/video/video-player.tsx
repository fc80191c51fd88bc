"use client";
/** A video that waits behind its poster and plays in place. Nothing of it is loaded before somebody asks. */

import { Play } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import { durationWords } from "@/nodes/progress";

interface VideoPlayerProps {
  title: string;
  /** Signed, so it changes now and then; a video that plays is not disturbed by that. */
  address: string;
  poster: string | null;
  durationSeconds: number | null;
  /** Lies over the poster, and makes room for the controls while the video plays. */
  children?: ReactNode;
}

type Playback = { kind: "poster" } | { kind: "playing"; address: string } | { kind: "broken" };

export function VideoPlayer({ title, address, poster, durationSeconds, children }: VideoPlayerProps) {
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
        onKeyDown={(event) => event.stopPropagation()} // space pauses it, and does not grab the canvas
        onError={() => setPlayback({ kind: "broken" })}
        className="nodrag nopan size-full object-contain"
      />
    );
  }
  return (
    <>
      {poster !== null && (
        // biome-ignore lint/performance/noImgElement: a signed address on another host; a static export has no optimiser.
        <img
          src={poster}
          alt=""
          loading="lazy"
          decoding="async"
          draggable={false}
          className="absolute inset-0 size-full object-contain"
        />
      )}
      {/* Only the disc plays: by the rest of the poster the node is taken hold of. */}
      <button
        type="button"
        onClick={play}
        className="absolute inset-0 m-auto grid size-14 place-items-center rounded-full bg-scrim text-on-media opacity-80 transition-[transform,opacity] hover:scale-110 hover:opacity-100 focus-visible:outline-on-media"
      >
        <Play aria-hidden className="size-5 translate-x-px fill-current" />
        <span className="sr-only">Play {title}</span>
      </button>
      {durationSeconds !== null && (
        <span className="absolute right-2 bottom-2 rounded-full bg-scrim px-2 py-0.5 text-meta text-on-media tabular-nums">
          {durationWords(durationSeconds)}
        </span>
      )}
      {playback.kind === "broken" && (
        <p
          role="alert"
          className="pointer-events-none absolute inset-x-2 top-2 rounded-input bg-scrim px-3 py-2 text-body text-on-media"
        >
          The video cannot be played. Reload the page to ask for it anew.
        </p>
      )}
      {children}
    </>
  );
}
