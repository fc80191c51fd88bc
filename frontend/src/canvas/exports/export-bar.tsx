"use client";
/** At the bottom while films are made: how far each is, and the way to stop it. Says when one of this person's has ended. */

import { useQuery } from "@tanstack/react-query";
import { Film } from "lucide-react";
import { useEffect, useRef } from "react";
import { cancelExport, type Export, exportsQuery, isUnderWay } from "@/api/exports";
import { projectKey } from "@/api/projects";
import { useSession, useStudio } from "@/api/studio";
import { downloadFilm } from "@/canvas/exports/download-film";
import { endedSince, progressWords } from "@/canvas/exports/news";
import { useProject } from "@/live/project-context";
import { useTask } from "@/nodes/use-task";
import { Button } from "@/ui/button";
import { toast } from "@/ui/toaster";

const NONE: readonly Export[] = [];

export function ExportBar() {
  const { api } = useStudio();
  const { projectId } = useProject();
  const films = useQuery(exportsQuery(api, projectId)).data ?? NONE;
  useNews(films);
  return films.filter(isUnderWay).map((film) => <UnderWay key={film.id} film={film} />);
}

function UnderWay({ film }: { film: Export }) {
  const { api, queries } = useStudio();
  const { projectId, canEdit } = useProject();
  const task = useTask();
  const cancel = async () => {
    await cancelExport(api, projectId, film.id);
    await queries.invalidateQueries({ queryKey: projectKey.exports(projectId) });
  };
  return (
    <section
      aria-label="Film under way"
      className="island pointer-events-auto flex h-12 animate-appear items-center gap-3 pr-2 pl-4 text-body"
    >
      <Film aria-hidden className="size-4 text-run" />
      <p role="status" className="font-medium tabular-nums">
        {progressWords(film)}
      </p>
      <span aria-hidden className="hidden h-1 w-24 overflow-hidden rounded-full bg-raise sm:block">
        <span className="block h-full bg-run" style={{ width: `${film.progress * 100}%` }} />
      </span>
      {canEdit && (
        <Button className="h-8" isBusy={task.isBusy} onClick={() => void task.start(cancel)}>
          Cancel
        </Button>
      )}
    </section>
  );
}

/** Tell this person of each of their films that ends before their eyes. */
function useNews(films: readonly Export[]): void {
  const session = useSession();
  const userId = session.kind === "signed_in" ? session.user.id : null;
  const before = useRef(films);
  useEffect(() => {
    for (const film of endedSince(before.current, films)) {
      if (film.user_id === userId) {
        tell(film);
      }
    }
    before.current = films;
  }, [films, userId]);
}

function tell(film: Export): void {
  if (film.state === "succeeded") {
    const action = { label: "Download", onSelect: () => downloadFilm(film) };
    toast.done("Your film is ready.", { action, isLasting: true });
  } else {
    toast.problem(film.message ?? "The film could not be made.", { description: film.advice ?? undefined });
  }
}
