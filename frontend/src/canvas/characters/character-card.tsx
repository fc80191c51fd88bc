"use client";
/** One person: the name, the pictures, the nodes that show them, and the way to forget them. */

import { Pencil, Plus, Trash2, UserRound } from "lucide-react";
import { type FormEvent, useState } from "react";
import { type Character, deleteCharacter, renameCharacter } from "@/api/characters";
import { projectKey } from "@/api/projects";
import { useStudio } from "@/api/studio";
import { usePutPicture } from "@/canvas/gallery/use-put-picture";
import { useShowNode } from "@/canvas/inspector/use-show-node";
import type { GraphNode } from "@/live/graph";
import { useProject } from "@/live/project-context";
import { LONGEST_NAME } from "@/nodes/image/name-form";
import { useAsset } from "@/nodes/use-media";
import { useTask } from "@/nodes/use-task";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";

interface CharacterCardProps {
  character: Character;
  /** The node that shows each picture, by the picture's id. */
  shownBy: ReadonlyMap<string, Pick<GraphNode, "id" | "title">>;
}

type Doing = "nothing" | "renaming" | "forgetting";

export function CharacterCard({ character, shownBy }: CharacterCardProps) {
  const { canEdit } = useProject();
  const [doing, setDoing] = useState<Doing>("nothing");
  const assetIds = [...new Set(character.asset_ids)];
  const stop = () => setDoing("nothing");
  return (
    <article
      aria-label={character.name}
      className="flex flex-col gap-3 rounded-media bg-field p-3 shadow-[inset_0_0_0_1px_var(--color-line)]"
    >
      {doing === "renaming" ? (
        <RenameForm character={character} onDone={stop} />
      ) : (
        <header className="flex items-center gap-1">
          <div className="min-w-0 flex-1">
            <h3 className="truncate text-title">{character.name}</h3>
            <p className="text-meta text-mut">{whereWords(assetIds, shownBy)}</p>
          </div>
          {canEdit && (
            <>
              <IconButton label={`Rename ${character.name}`} icon={Pencil} onClick={() => setDoing("renaming")} />
              <IconButton label={`Forget ${character.name}`} icon={Trash2} onClick={() => setDoing("forgetting")} />
            </>
          )}
        </header>
      )}
      <ul aria-label="Pictures" className="flex flex-wrap gap-2">
        {assetIds.map((assetId) => (
          <li key={assetId}>
            <Picture assetId={assetId} node={shownBy.get(assetId)} person={character.name} />
          </li>
        ))}
      </ul>
      {doing === "forgetting" && <ForgetDialog character={character} pictures={assetIds.length} onDone={stop} />}
    </article>
  );
}

/** "2 pictures, on 1 node" */
function whereWords(assetIds: readonly string[], shownBy: CharacterCardProps["shownBy"]): string {
  const nodes = new Set(assetIds.flatMap((id) => shownBy.get(id)?.id ?? []));
  const pictures = `${assetIds.length} ${assetIds.length === 1 ? "picture" : "pictures"}`;
  return nodes.size === 0
    ? `${pictures}, on no node`
    : `${pictures}, on ${nodes.size} ${nodes.size === 1 ? "node" : "nodes"}`;
}

interface PictureProps {
  assetId: string;
  node: Pick<GraphNode, "id" | "title"> | undefined;
  person: string;
}

function Picture({ assetId, node, person }: PictureProps) {
  const asset = useAsset(assetId);
  const show = useShowNode();
  const put = usePutPicture();
  const address = asset?.thumbnail_url ?? asset?.url ?? null;
  const canPut = !node && asset !== undefined && put !== null;
  const name = asset?.file_name ?? "A picture";
  const words = canPut ? `Put ${name} on the canvas` : `${name}, on no node`;
  return (
    <button
      type="button"
      disabled={!node && !canPut}
      aria-label={node ? `Go to ${node.title}` : words}
      title={node ? `Go to ${node.title}` : words}
      onClick={() => (node ? show(node.id) : asset && put?.(asset, person))}
      className="relative grid size-14 place-items-center overflow-hidden rounded-[10px] bg-media text-on-media"
    >
      {canPut && (
        <span aria-hidden className="absolute right-1 bottom-1 grid size-5 place-items-center rounded-full bg-scrim">
          <Plus className="size-3" />
        </span>
      )}
      {address === null ? (
        <UserRound aria-hidden className="size-5 opacity-50" />
      ) : (
        // biome-ignore lint/performance/noImgElement: a signed address on another host; a static export has no optimiser.
        <img src={address} alt="" loading="lazy" decoding="async" className="size-full object-cover object-[50%_20%]" />
      )}
    </button>
  );
}

function IconButton({ label, icon: Icon, onClick }: { label: string; icon: typeof Pencil; onClick: () => void }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      onClick={onClick}
      className="grid size-8 shrink-0 place-items-center rounded-[8px] text-mut hover:bg-raise hover:text-fg"
    >
      <Icon aria-hidden className="size-4" />
    </button>
  );
}

function RenameForm({ character, onDone }: { character: Character; onDone: () => void }) {
  const { api, queries } = useStudio();
  const { projectId } = useProject();
  const task = useTask();
  const [name, setName] = useState(character.name);
  const chosen = name.trim();

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const isDone = await task.start(async () => {
      await renameCharacter(api, character.id, chosen);
      await queries.invalidateQueries({ queryKey: projectKey.characters(projectId) });
    });
    if (isDone) {
      onDone();
    }
  }

  return (
    <form onSubmit={submit} className="flex gap-2">
      <input
        // biome-ignore lint/a11y/noAutofocus: the person has just asked to type here.
        autoFocus
        aria-label="Name"
        value={name}
        maxLength={LONGEST_NAME}
        onChange={({ target }) => setName(target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            event.stopPropagation(); // it ends the renaming, and leaves the panel open
            onDone();
          }
        }}
        className="h-9 w-full min-w-0 rounded-input bg-card px-3 text-[16px] shadow-[inset_0_0_0_1px_var(--color-line-strong)] sm:text-body"
      />
      <Button type="submit" look="primary" isBusy={task.isBusy} disabled={chosen === ""}>
        Save
      </Button>
    </form>
  );
}

interface ForgetDialogProps {
  character: Character;
  pictures: number;
  onDone: () => void;
}

function ForgetDialog({ character, pictures, onDone }: ForgetDialogProps) {
  const { api, queries } = useStudio();
  const { projectId } = useProject();
  const task = useTask();

  async function forget(): Promise<void> {
    const isDone = await task.start(async () => {
      await deleteCharacter(api, character.id);
      await queries.invalidateQueries({ queryKey: projectKey.characters(projectId) });
    });
    if (isDone) {
      onDone();
    }
  }

  return (
    <Dialog title={`Forget ${character.name}?`} isOpen onClose={onDone}>
      <div className="flex flex-col gap-2 text-mut">
        <p>
          The name, and what was measured of the face in {pictures === 1 ? "the picture" : `the ${pictures} pictures`},
          are deleted everywhere. This cannot be undone.
        </p>
        <p>The pictures stay on the canvas, and the videos that were made stay too.</p>
      </div>
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={onDone}>Keep</Button>
        <Button look="primary" isBusy={task.isBusy} onClick={() => void forget()}>
          Forget {character.name}
        </Button>
      </div>
    </Dialog>
  );
}
