"use client";
/** Says who a face is: somebody new, or, by a name that is known, one more picture of that person. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, useId, useState } from "react";
import { addReference, charactersQuery, createCharacter } from "@/api/characters";
import { projectKey } from "@/api/projects";
import { useStudio } from "@/api/studio";
import { useProject } from "@/live/project-context";
import { useTask } from "@/nodes/use-task";
import { Spinner } from "@/ui/spinner";

/** services/api/routes/characters.py */
export const LONGEST_NAME = 80;

interface NameFormProps {
  faceId: string;
  suggestion: string;
  onClose: () => void;
}

export function NameForm({ faceId, suggestion, onClose }: NameFormProps) {
  const { api } = useStudio();
  const { projectId } = useProject();
  const queries = useQueryClient();
  const task = useTask();
  const listId = useId();
  const [name, setName] = useState(suggestion);
  const characters = [...(useQuery(charactersQuery(api, projectId)).data?.values() ?? [])];
  const chosen = name.trim();
  const known = characters.find((character) => character.name.toLowerCase() === chosen.toLowerCase());

  async function save() {
    const isSaved = await task.start(async () => {
      await (known ? addReference(api, known.id, faceId) : createCharacter(api, { projectId, faceId, name: chosen }));
      await queries.invalidateQueries({ queryKey: projectKey.characters(projectId) });
    });
    if (isSaved) {
      onClose();
    }
  }

  function onKeyDown(event: KeyboardEvent) {
    event.stopPropagation(); // letters are shortcuts on the canvas
    if (event.key === "Escape") {
      onClose();
    }
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
      className="flex items-center gap-1.5"
    >
      <input
        // biome-ignore lint/a11y/noAutofocus: the person has just asked to type here.
        autoFocus
        required
        aria-label="Name of this person"
        placeholder="Name"
        list={listId}
        value={name}
        maxLength={LONGEST_NAME}
        onChange={({ target }) => setName(target.value)}
        onKeyDown={onKeyDown}
        className="nodrag nopan h-7 min-w-0 flex-1 rounded-[8px] bg-on-media/15 px-2 text-body text-on-media placeholder:text-on-media/70 focus-visible:outline-on-media"
      />
      <datalist id={listId}>
        {characters.map((character) => (
          <option key={character.id} value={character.name} />
        ))}
      </datalist>
      <button
        type="submit"
        disabled={chosen === "" || task.isBusy}
        className="inline-flex h-7 items-center gap-1.5 rounded-[8px] bg-on-media px-2.5 font-medium text-media text-node disabled:opacity-60"
      >
        {task.isBusy && <Spinner />}
        {known ? "It is them" : "Save"}
      </button>
    </form>
  );
}
