"use client";
/** The video, or two of them side by side, under one playback. */

import { useCallback, useEffect, useState } from "react";
import { useStore } from "zustand";
import type { Take } from "@/api/media";
import type { Playback } from "@/canvas/viewer/playback";
import { cn } from "@/ui/class-names";

export interface Shown {
  take: Take;
  name: string;
}

interface StageProps {
  playback: Playback;
  /** One or two. */
  shown: readonly Shown[];
}

export function Stage({ playback, shown }: StageProps) {
  useTicking(playback);
  return (
    <div className={cn("grid min-h-0 flex-1 gap-2", shown.length > 1 && "grid-rows-2 sm:grid-cols-2 sm:grid-rows-1")}>
      {shown.map(({ take, name }, place) => (
        <figure key={take.id} className="relative min-h-0 min-w-0 overflow-hidden rounded-media bg-media">
          <Video playback={playback} place={place} take={take} name={name} />
          {shown.length > 1 && (
            <figcaption className="absolute top-2 left-2 rounded-full bg-scrim px-2.5 py-0.5 text-meta text-on-media">
              {name}
            </figcaption>
          )}
        </figure>
      ))}
    </div>
  );
}

interface VideoProps extends Shown {
  playback: Playback;
  place: number;
}

function Video({ playback, place, take, name }: VideoProps) {
  const { url, poster_url, thumbnail_url } = take.asset;
  // Addresses are renewed now and then; a video that plays is not disturbed by that.
  const [address, setAddress] = useState(url);
  const [isBroken, setBroken] = useState(false);
  const attach = useCallback(
    (element: HTMLVideoElement | null) => {
      playback.attach(place, element);
      return () => playback.attach(place, null);
    },
    [playback, place],
  );
  if (address === null && url !== null) {
    setAddress(url);
  }
  if (address === null || isBroken) {
    return (
      <p role="alert" className="grid size-full place-items-center p-6 text-center text-on-media">
        {isBroken ? "The video cannot be played. Reload the page to ask for it anew." : "This take is not ready yet."}
      </p>
    );
  }
  return (
    // biome-ignore lint/a11y/useMediaCaption: a clip of some seconds that was just made; there are no captions of it.
    <video
      ref={attach}
      src={address}
      poster={poster_url ?? thumbnail_url ?? undefined}
      aria-label={name}
      playsInline
      preload="auto"
      onLoadedMetadata={() => playback.loaded(place)}
      onError={() => setBroken(true)}
      onClick={() => playback.toggle()}
      className="size-full object-contain"
    />
  );
}

/** Follow the videos for as long as they play. */
function useTicking(playback: Playback): void {
  const isPlaying = useStore(playback.state, (state) => state.isPlaying);
  useEffect(() => {
    if (!isPlaying) {
      return;
    }
    let frame = requestAnimationFrame(function look() {
      playback.tick();
      frame = requestAnimationFrame(look);
    });
    return () => cancelAnimationFrame(frame);
  }, [playback, isPlaying]);
}
