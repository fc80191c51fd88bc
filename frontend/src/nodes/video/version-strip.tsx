"use client";
/** The takes of a node in small, at the lower left of the chosen one; a click chooses another. */

import type { Take } from "@/api/media";
import { useProject } from "@/live/project-context";
import { useNodeActions } from "@/nodes/node-actions";
import { useTakesOf } from "@/nodes/use-media";
import { shownVersions, versionsOf } from "@/nodes/video/takes";
import { cn } from "@/ui/class-names";

const ROOM = 4;

interface VersionStripProps {
  nodeId: string;
  selectedTakeId: string;
}

export function VersionStrip({ nodeId, selectedTakeId }: VersionStripProps) {
  const project = useProject();
  const actions = useNodeActions();
  const versions = versionsOf(useTakesOf(nodeId, true), selectedTakeId);
  if (versions.length < 2) {
    return null;
  }
  const { shown, more } = shownVersions(versions, selectedTakeId, ROOM);
  const choose = (takeId: string) =>
    project.edit("choose take", [{ op: "update_node", node_id: nodeId, selected_take_id: takeId }]);
  return (
    <fieldset className="nodrag nopan absolute bottom-2 left-2 z-10 flex gap-1 rounded-[10px] bg-scrim p-1">
      <legend className="sr-only">Takes</legend>
      {shown.map((take) => (
        <Version
          key={take.id}
          take={take}
          // The first that was made is take 1, though the newest stands first.
          name={`Take ${versions.length - versions.indexOf(take)} of ${versions.length}`}
          isChosen={take.id === selectedTakeId}
          onChoose={project.canEdit ? () => choose(take.id) : null}
        />
      ))}
      {more > 0 && (
        <button
          type="button"
          disabled={actions === null}
          onClick={() => actions?.openTakes(nodeId)}
          className="grid h-[27px] min-w-7 place-items-center rounded-[6px] px-1.5 text-meta text-on-media hover:bg-media focus-visible:outline-on-media"
        >
          +{more} <span className="sr-only">more takes</span>
        </button>
      )}
    </fieldset>
  );
}

interface VersionProps {
  take: Take;
  name: string;
  isChosen: boolean;
  onChoose: (() => void) | null;
}

function Version({ take, name, isChosen, onChoose }: VersionProps) {
  const picture = take.asset.thumbnail_url ?? take.asset.poster_url;
  return (
    <button
      type="button"
      aria-label={name}
      aria-pressed={isChosen}
      title={name}
      disabled={onChoose === null}
      onClick={() => !isChosen && onChoose?.()}
      className={cn(
        "relative h-[27px] w-12 overflow-hidden rounded-[6px] bg-media opacity-75 hover:opacity-100 focus-visible:outline-on-media",
        isChosen && "opacity-100 shadow-[0_0_0_1.5px_var(--color-on-media)]",
      )}
    >
      {picture !== null && (
        // biome-ignore lint/performance/noImgElement: a signed address on another host; a static export has no optimiser.
        <img
          src={picture}
          alt=""
          loading="lazy"
          decoding="async"
          draggable={false}
          className="size-full object-cover"
        />
      )}
    </button>
  );
}
