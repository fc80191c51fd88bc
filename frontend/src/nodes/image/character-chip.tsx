"use client";
/** Whose face is in the picture; a click lets one type another name. */

import { useQueryClient } from "@tanstack/react-query";
import { UserRound } from "lucide-react";
import { type KeyboardEvent, useRef, useState } from "react";
import { renameCharacter } from "@/api/characters";
import { projectKey } from "@/api/projects";
import { useStudio } from "@/api/studio";
import { useProject } from "@/live/project-context";
import { LONGEST_NAME } from "@/nodes/image/name-form";
import { useCharacter } from "@/nodes/use-media";
import { useTask } from "@/nodes/use-task";
import { Chip } from "@/ui/chip";
import { Spinner } from "@/ui/spinner";

export function CharacterChip({ characterId }: { characterId: string }) {
  const { canEdit } = useProject();
  const character = useCharacter(characterId);
  const [isRenaming, setRenaming] = useState(false);
  if (!character) {
    return null;
  }
  if (isRenaming) {
    return <NameField id={characterId} name={character.name} onClose={() => setRenaming(false)} />;
  }
  const chip = (
    <Chip className="min-w-0 max-w-full bg-raise text-fg">
      <UserRound aria-hidden />
      <span className="truncate">{character.name}</span>
    </Chip>
  );
  return canEdit ? (
    <button
      type="button"
      title="Rename this character"
      aria-label={`Character ${character.name}: rename`}
      onClick={() => setRenaming(true)}
      className="nodrag nopan min-w-0 max-w-[60%] rounded-full hover:opacity-80 focus-visible:-outline-offset-2"
    >
      {chip}
    </button>
  ) : (
    chip
  );
}

function NameField({ id, name, onClose }: { id: string; name: string; onClose: () => void }) {
  const { api } = useStudio();
  const { projectId } = useProject();
  const queries = useQueryClient();
  const task = useTask();
  const field = useRef<HTMLInputElement>(null);

  async function commit() {
    const chosen = field.current?.value.trim() ?? "";
    if (chosen !== "" && chosen !== name) {
      await task.start(async () => {
        await renameCharacter(api, id, chosen);
        await queries.invalidateQueries({ queryKey: projectKey.characters(projectId) });
      });
    }
    onClose();
  }

  function onKeyDown(event: KeyboardEvent) {
    event.stopPropagation(); // letters are shortcuts on the canvas
    if (event.key === "Enter") {
      field.current?.blur();
    } else if (event.key === "Escape") {
      onClose();
    }
  }

  return (
    <span className="flex min-w-0 max-w-[60%] items-center gap-1.5">
      <input
        ref={field}
        // biome-ignore lint/a11y/noAutofocus: the person has just asked to type here.
        autoFocus
        aria-label="Name of the character"
        defaultValue={name}
        maxLength={LONGEST_NAME}
        disabled={task.isBusy}
        onFocus={({ target }) => target.select()}
        onBlur={commit}
        onKeyDown={onKeyDown}
        className="nodrag nopan h-[22px] min-w-0 flex-1 rounded-full bg-field px-2.5 text-meta shadow-[inset_0_0_0_1px_var(--color-line-strong)] focus-visible:outline-offset-0"
      />
      {task.isBusy && <Spinner className="shrink-0" />}
    </span>
  );
}
