"use client";
/** Export a film: which clips in which order, how large, and the films that were made before. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useStore } from "zustand";
import { exportsQuery, type Resolution, startExport } from "@/api/exports";
import { takesQuery } from "@/api/media";
import { projectKey } from "@/api/projects";
import { useStudio } from "@/api/studio";
import { type Panel, useCanvas } from "@/canvas/canvas-context";
import { ClipList } from "@/canvas/exports/clip-list";
import {
  bytesOf,
  clipsOf,
  type FilmClip,
  filmObstacle,
  secondsOf,
  sizeWords,
  sourceObstacle,
} from "@/canvas/exports/film";
import { MadeFilms } from "@/canvas/exports/made-films";
import { useProject } from "@/live/project-context";
import { durationWords } from "@/nodes/progress";
import { useTask } from "@/nodes/use-task";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Segmented } from "@/ui/segmented";

type Opened = Extract<Panel, { kind: "export" }>;

/** Shows itself while the canvas's panel is the export. */
export function ExportPanel() {
  const { state } = useCanvas();
  const opened = useStore(state, ({ panel }) => (panel.kind === "export" ? panel : null));
  const close = () => state.setState({ panel: { kind: "none" } });
  return (
    <Dialog
      title="Export film"
      description="One MP4 of your clips, one after the other, with their sound."
      isOpen={opened !== null}
      onClose={close}
      className="w-[min(560px,calc(100vw-32px))]"
    >
      {opened && <Content opened={opened} onClose={close} />}
    </Dialog>
  );
}

function Content({ opened, onClose }: { opened: Opened; onClose: () => void }) {
  const { api, queries } = useStudio();
  const { projectId, graph, statuses } = useProject();
  const takes = useQuery(takesQuery(api, queries, projectId)).data;
  const films = useQuery(exportsQuery(api, projectId)).data ?? [];
  if (!takes) {
    return <p role="status">Looking for the videos…</p>;
  }
  const { nodes } = graph.getState();
  const shown = takes.get(opened.takeId ?? "");
  const clips = shown
    ? [{ take: shown, title: nodes.get(shown.node_id)?.title ?? shown.asset.file_name }]
    : clipsOf({ nodeIds: opened.nodeIds, nodes, takes, chosenTake: (id) => statuses.get(id).selectedTakeId });
  return (
    <div className="flex flex-col gap-6">
      {clips.length > 0 ? (
        <Film clips={clips} onStarted={onClose} />
      ) : (
        <p className="text-mut">None of what is selected has a finished video. Select videos that are done.</p>
      )}
      <MadeFilms films={films} />
    </div>
  );
}

const RESOLUTIONS: readonly { value: Resolution; label: string }[] = [
  { value: "source", label: "As it is" },
  { value: "1080p", label: "1080p" },
  { value: "4k", label: "4K upscaled" },
];

function Film({ clips: found, onStarted }: { clips: readonly FilmClip[]; onStarted: () => void }) {
  const { api, queries } = useStudio();
  const { projectId } = useProject();
  const task = useTask();
  const [clips, setClips] = useState(found);
  const [wanted, setWanted] = useState<Resolution | null>(null);
  const obstacle = sourceObstacle(clips);
  const resolution = wanted === "source" && obstacle ? "1080p" : (wanted ?? (obstacle ? "1080p" : "source"));
  const order = { takeIds: clips.map(({ take }) => take.id), resolution };
  const [key, setKey] = useState(() => ({ of: "", value: "" }));
  const problem = filmObstacle(clips);

  async function start(): Promise<void> {
    // The same click again, where nobody knows whether the first arrived, has the same key: no second film.
    const of = JSON.stringify(order);
    const value = key.of === of ? key.value : crypto.randomUUID();
    setKey({ of, value });
    const isStarted = await task.start(() => startExport(api, projectId, order, value));
    void queries.invalidateQueries({ queryKey: projectKey.exports(projectId) });
    if (isStarted) {
      onStarted();
    }
  }

  return (
    <div className="flex flex-col gap-4">
      <ClipList clips={clips} onChange={setClips} />
      <Segmented
        label="Size"
        options={RESOLUTIONS.map((option) => ({
          ...option,
          ...(option.value === "source" && obstacle ? { obstacle } : {}),
        }))}
        value={resolution}
        onChange={(value) => setWanted(RESOLUTIONS.find((option) => option.value === value)?.value ?? null)}
      />
      <div className="flex items-center justify-between gap-3">
        <p role="status" className="text-body text-mut tabular-nums">
          {problem ?? `${durationWords(secondsOf(clips))}, about ${sizeWords(bytesOf(clips, resolution))}`}
        </p>
        <Button look="primary" isBusy={task.isBusy} disabled={problem !== null} onClick={() => void start()}>
          Export
        </Button>
      </div>
    </div>
  );
}
