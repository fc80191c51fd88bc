"use client";
/** The takes of a node over the whole window: play one, compare two, choose the one that the node uses. */

import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import { type RefObject, useRef, useState } from "react";
import { useStore } from "zustand";
import { type Take, takesQuery } from "@/api/media";
import { useStudio } from "@/api/studio";
import { Controls } from "@/canvas/viewer/controls";
import { performKey } from "@/canvas/viewer/keys";
import { Playback } from "@/canvas/viewer/playback";
import { type Shown, Stage } from "@/canvas/viewer/stage";
import { TakeCard } from "@/canvas/viewer/take-card";
import { takeName } from "@/canvas/viewer/take-facts";
import { TakeStrip } from "@/canvas/viewer/take-strip";
import { useProject } from "@/live/project-context";
import { useNodeMoment } from "@/live/status-store";
import { useTakesOf } from "@/nodes/use-media";
import { versionsOf } from "@/nodes/video/takes";

interface ViewerProps {
  nodeId: string;
  /** The take to begin with; without one, that which the node uses. */
  takeId?: string;
  onClose: () => void;
}

export function Viewer({ nodeId, takeId, onClose }: ViewerProps) {
  const { graph } = useProject();
  const title = useStore(graph, ({ nodes }) => nodes.get(nodeId)?.title ?? "A deleted node");
  const [playback] = useState(() => new Playback());
  const screen = useRef<HTMLDivElement>(null);
  const window = useRef<HTMLDivElement>(null);
  const onFullscreen = document.fullscreenEnabled ? () => fillScreen(screen.current) : null;
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-50 animate-appear bg-bg" />
        <Dialog.Content
          ref={window}
          aria-describedby={undefined}
          // The window itself: on its first button, the cross, the space key would close it instead of playing.
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            window.current?.focus();
          }}
          onKeyDown={(event) => performKey(event, playback, onFullscreen)}
          className="fixed inset-0 z-50 flex animate-appear flex-col gap-3 p-3 text-fg outline-none sm:p-4"
        >
          <header className="flex items-center justify-between gap-3">
            <Dialog.Title className="truncate text-title">{title}</Dialog.Title>
            <Dialog.Close
              aria-label="Close"
              className="grid size-9 shrink-0 place-items-center rounded-input text-mut hover:bg-raise/60 hover:text-fg"
            >
              <X aria-hidden className="size-4" />
            </Dialog.Close>
          </header>
          <Content nodeId={nodeId} takeId={takeId} theater={{ playback, screen, onFullscreen }} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** Leave the full screen where it is filled already. */
function fillScreen(screen: HTMLElement | null): void {
  if (document.fullscreenElement) {
    void document.exitFullscreen();
    return;
  }
  screen?.focus(); // what is outside of a full screen loses the focus, and then no key would be heard
  void screen?.requestFullscreen();
}

interface Theater {
  playback: Playback;
  /** What fills the screen on request. */
  screen: RefObject<HTMLDivElement | null>;
  /** Null: this browser cannot. */
  onFullscreen: (() => void) | null;
}

interface ContentProps {
  nodeId: string;
  takeId?: string;
  theater: Theater;
}

function Content({ nodeId, takeId, theater }: ContentProps) {
  const { api, queries } = useStudio();
  const { projectId, statuses } = useProject();
  const known = useQuery(takesQuery(api, queries, projectId)).data;
  const { selectedTakeId } = useNodeMoment(statuses, nodeId);
  const versions = versionsOf(useTakesOf(nodeId, true), selectedTakeId);
  const [chosenId, setChosen] = useState(takeId ?? null);
  const [comparedId, setCompared] = useState<string | null>(null);
  const first = versions.find(({ id }) => id === (chosenId ?? selectedTakeId)) ?? versions[0];
  if (!known || !first) {
    return <p className="m-auto text-mut">{known ? "Nothing was made here yet." : "Looking for its takes…"}</p>;
  }
  const second = versions.find(({ id }) => id === comparedId && id !== first.id);
  const shown = [first, ...(second ? [second] : [])].map((take) => ({ take, name: takeName(versions, take.id) }));
  return (
    <Screening
      theater={theater}
      shown={shown}
      takes={known}
      versions={versions}
      selectedTakeId={selectedTakeId}
      onShow={setChosen}
      onCompare={(takeId) => {
        setChosen(first.id); // it stays beside the other one, whichever of them the node uses
        setCompared(takeId);
      }}
    />
  );
}

interface ScreeningProps {
  theater: Theater;
  shown: readonly Shown[];
  takes: ReadonlyMap<string, Take>;
  versions: readonly Take[];
  selectedTakeId: string | null;
  onShow: (takeId: string) => void;
  /** Null: no comparison. */
  onCompare: (takeId: string | null) => void;
}

function Screening({ theater, shown, takes, versions, selectedTakeId, onShow, onCompare }: ScreeningProps) {
  const { playback, screen, onFullscreen } = theater;
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-3 overflow-y-auto lg:flex-row lg:overflow-visible">
      <div className="flex min-h-[50dvh] min-w-0 flex-1 flex-col gap-3">
        <div
          ref={screen}
          tabIndex={-1}
          className="flex outline-none min-h-0 flex-1 flex-col gap-2 bg-bg [&:fullscreen]:p-3"
        >
          <Stage playback={playback} shown={shown} />
          <Controls playback={playback} onFullscreen={onFullscreen} />
        </div>
        <TakeStrip
          versions={versions}
          shown={shown.map(({ take }) => take.id)}
          selectedTakeId={selectedTakeId}
          onShow={onShow}
          onCompare={onCompare}
        />
      </div>
      <div className="flex w-full shrink-0 flex-col gap-3 lg:w-80 lg:overflow-y-auto">
        {shown.map(({ take, name }) => (
          <TakeCard key={take.id} take={take} name={name} takes={takes} isUsed={take.id === selectedTakeId} />
        ))}
      </div>
    </div>
  );
}
