"use client";
/** The clips of a film in their order, which is changed here. */

import { ArrowDown, ArrowUp, type LucideIcon, X } from "lucide-react";
import { type FilmClip, moved } from "@/canvas/exports/film";
import { Picture } from "@/canvas/viewer/take-card";
import { durationWords } from "@/nodes/progress";

interface ClipListProps {
  clips: readonly FilmClip[];
  onChange: (clips: readonly FilmClip[]) => void;
}

export function ClipList({ clips, onChange }: ClipListProps) {
  return (
    <ol aria-label="Clips of the film" className="flex max-h-72 flex-col gap-1 overflow-y-auto [scrollbar-width:thin]">
      {clips.map(({ take, title }, place) => (
        <li key={take.id} className="flex items-center gap-3 rounded-input bg-field p-1.5 pr-2">
          <span className="w-16 shrink-0">
            <Picture take={take} />
          </span>
          <span className="min-w-0 flex-1 truncate text-body">{title}</span>
          <span className="text-meta text-mut tabular-nums">{durationWords(take.asset.duration_seconds ?? 0)}</span>
          {clips.length > 1 && (
            <span className="flex">
              <Change
                label={`Move ${title} up`}
                icon={ArrowUp}
                isDisabled={place === 0}
                onClick={() => onChange(moved(clips, place, place - 1))}
              />
              <Change
                label={`Move ${title} down`}
                icon={ArrowDown}
                isDisabled={place === clips.length - 1}
                onClick={() => onChange(moved(clips, place, place + 1))}
              />
              <Change
                label={`Leave ${title} out`}
                icon={X}
                isDisabled={false}
                onClick={() => onChange(clips.toSpliced(place, 1))}
              />
            </span>
          )}
        </li>
      ))}
    </ol>
  );
}

interface ChangeProps {
  label: string;
  icon: LucideIcon;
  isDisabled: boolean;
  onClick: () => void;
}

function Change({ label, icon: Icon, isDisabled, onClick }: ChangeProps) {
  return (
    <button
      type="button"
      aria-label={label}
      // Not `disabled`: the focus would be lost at the ends of the list.
      aria-disabled={isDisabled || undefined}
      onClick={() => !isDisabled && onClick()}
      className="grid size-8 place-items-center rounded-[8px] text-mut hover:bg-raise/60 hover:text-fg aria-disabled:opacity-45 aria-disabled:hover:bg-transparent"
    >
      <Icon aria-hidden className="size-4" />
    </button>
  );
}
