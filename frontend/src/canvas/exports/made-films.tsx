"use client";
/** The films of a project that were made: to save them again. */

import { Download } from "lucide-react";
import type { Export } from "@/api/exports";
import { downloadFilm } from "@/canvas/exports/download-film";
import { sizeWords } from "@/canvas/exports/film";
import { durationWords } from "@/nodes/progress";
import { Button } from "@/ui/button";
import { RelativeTime } from "@/ui/relative-time";

/** More would not be looked through. */
const MOST = 5;

export function MadeFilms({ films }: { films: readonly Export[] }) {
  const made = films.flatMap((film) => (film.asset ? [{ film, asset: film.asset }] : [])).slice(0, MOST);
  if (made.length === 0) {
    return null;
  }
  return (
    <section className="flex flex-col gap-1">
      <h3 className="text-body text-mut">Films made before</h3>
      <ul aria-label="Films made before" className="flex flex-col gap-1">
        {made.map(({ film, asset }) => (
          <li key={film.id} className="flex items-center gap-3 py-1 text-body">
            <span className="min-w-0 flex-1 truncate">{asset.file_name}</span>
            <span className="text-meta text-mut tabular-nums">
              {durationWords(asset.duration_seconds ?? 0)}, {sizeWords(asset.size_bytes)},{" "}
              <RelativeTime at={film.created_at} />
            </span>
            <Button className="h-8" aria-label={`Download ${asset.file_name}`} onClick={() => downloadFilm(film)}>
              <Download aria-hidden className="size-4" />
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
