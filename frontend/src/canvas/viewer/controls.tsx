"use client";
/** Play, scrub frame by frame, sound, speed, the whole screen. */

import { ChevronLeft, ChevronRight, Gauge, Maximize, Pause, Play, Volume2, VolumeX } from "lucide-react";
import { Slider } from "radix-ui";
import type { ReactNode } from "react";
import { useStore } from "zustand";
import { FRAME_SECONDS, type Playback, SPEEDS } from "@/canvas/viewer/playback";
import { timeWords } from "@/canvas/viewer/time-words";
import { Menu } from "@/ui/menu";
import { Tooltip } from "@/ui/tooltip";

interface ControlsProps {
  playback: Playback;
  /** Null: this browser fills the screen with nothing. */
  onFullscreen: (() => void) | null;
}

export function Controls({ playback, onFullscreen }: ControlsProps) {
  const { isPlaying, isMuted, speed } = useStore(playback.state);
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      <ControlButton label={isPlaying ? "Pause" : "Play"} shortcut="Space" onClick={() => playback.toggle()}>
        {isPlaying ? (
          <Pause aria-hidden className="size-4 fill-current" />
        ) : (
          <Play aria-hidden className="size-4 fill-current" />
        )}
      </ControlButton>
      <ControlButton label="One frame back" shortcut="," onClick={() => playback.step(-1)}>
        <ChevronLeft aria-hidden className="size-4" />
      </ControlButton>
      <ControlButton label="One frame further" shortcut="." onClick={() => playback.step(1)}>
        <ChevronRight aria-hidden className="size-4" />
      </ControlButton>
      <Scrubber playback={playback} />
      <ControlButton
        label={isMuted ? "Sound on" : "Sound off"}
        shortcut="M"
        onClick={() => playback.setMuted(!isMuted)}
      >
        {isMuted ? <VolumeX aria-hidden className="size-4" /> : <Volume2 aria-hidden className="size-4" />}
      </ControlButton>
      <Menu
        side="top"
        align="end"
        items={SPEEDS.map((choice) => ({
          kind: "action",
          label: `${choice}×`,
          isChecked: choice === speed,
          onSelect: () => playback.setSpeed(choice),
        }))}
      >
        <button
          type="button"
          aria-label={`Speed, ${speed}×`}
          className="flex h-9 items-center gap-1.5 rounded-input px-2.5 text-body text-mut tabular-nums hover:bg-raise/60 hover:text-fg"
        >
          <Gauge aria-hidden className="size-4" />
          {speed}×
        </button>
      </Menu>
      {onFullscreen && (
        <ControlButton label="Fill the screen" shortcut="F" onClick={onFullscreen}>
          <Maximize aria-hidden className="size-4" />
        </ControlButton>
      )}
    </div>
  );
}

function Scrubber({ playback }: { playback: Playback }) {
  const { timeSeconds, durationSeconds } = useStore(playback.state);
  return (
    <div className="flex min-w-48 flex-1 items-center gap-3 px-2">
      <Slider.Root
        value={[timeSeconds]}
        min={0}
        max={Math.max(durationSeconds, FRAME_SECONDS)}
        step={FRAME_SECONDS}
        disabled={durationSeconds === 0}
        onValueChange={([to]) => to !== undefined && playback.seek(to)}
        className="relative flex h-9 flex-1 touch-none select-none items-center"
      >
        <Slider.Track className="relative h-1 grow rounded-full bg-raise">
          <Slider.Range className="absolute h-full rounded-full bg-fg" />
        </Slider.Track>
        <Slider.Thumb
          aria-label="Position"
          aria-valuetext={timeWords(timeSeconds)}
          className="block size-3.5 rounded-full bg-fg"
        />
      </Slider.Root>
      <span className="shrink-0 text-meta text-mut tabular-nums">
        {timeWords(timeSeconds)} / {timeWords(durationSeconds)}
      </span>
    </div>
  );
}

interface ControlButtonProps {
  label: string;
  shortcut: string;
  onClick: () => void;
  children: ReactNode;
}

function ControlButton({ label, shortcut, onClick, children }: ControlButtonProps) {
  return (
    <Tooltip label={label} shortcut={shortcut} side="top">
      <button
        type="button"
        aria-label={label}
        onClick={onClick}
        className="grid size-9 shrink-0 place-items-center rounded-input text-mut hover:bg-raise/60 hover:text-fg"
      >
        {children}
      </button>
    </Tooltip>
  );
}
