/** The people in a project's pictures. */

import { queryOptions } from "@tanstack/react-query";
import { type ApiClient, answered } from "@/api/client";
import { problemOfAnswer } from "@/api/problem";
import { projectKey } from "@/api/projects";
import type { components } from "@/api/schema";

export type Character = components["schemas"]["CharacterAnswer"];

/** The characters of a project by their id, newest first. */
export function charactersQuery(api: ApiClient, projectId: string) {
  return queryOptions({
    queryKey: projectKey.characters(projectId),
    queryFn: async (): Promise<ReadonlyMap<string, Character>> => {
      const found = await answered(api.GET("/api/characters", { params: { query: { project_id: projectId } } }));
      return new Map(found.map((character) => [character.id, character]));
    },
    // The project's events make it old; nothing else changes it.
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  });
}

/** Make a character of a face: picked out of several, or although it resembles somebody known. Throws Problem. */
export function createCharacter(
  api: ApiClient,
  { projectId, faceId, name }: { projectId: string; faceId: string; name: string },
): Promise<Character> {
  return answered(api.POST("/api/characters", { body: { project_id: projectId, face_id: faceId, name } }));
}

/** Say that a face is this character too. Throws Problem. */
export function addReference(api: ApiClient, characterId: string, faceId: string): Promise<Character> {
  const params = { path: { character_id: characterId } };
  return answered(api.POST("/api/characters/{character_id}/references", { params, body: { face_id: faceId } }));
}

/** Give a character another name. Throws Problem. */
export function renameCharacter(api: ApiClient, characterId: string, name: string): Promise<Character> {
  const params = { path: { character_id: characterId } };
  return answered(api.PATCH("/api/characters/{character_id}", { params, body: { name } }));
}

/** Forget a person: the character, its faces and their embeddings. Throws Problem. */
export async function deleteCharacter(api: ApiClient, characterId: string): Promise<void> {
  const params = { path: { character_id: characterId } };
  const { error, response } = await api.DELETE("/api/characters/{character_id}", { params });
  if (!response.ok) {
    throw problemOfAnswer(response.status, error);
  }
}
