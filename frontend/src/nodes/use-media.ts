"use client";
/** The pictures, takes and people that nodes show. Each renders again only when that very one changes. */

import { useQuery } from "@tanstack/react-query";
import { type Character, charactersQuery } from "@/api/characters";
import { type Asset, assetsQuery, type Take, takesQuery } from "@/api/media";
import { useStudio } from "@/api/studio";
import { useProject } from "@/live/project-context";

/** A file of the project; undefined while it is not known. */
export function useAsset(assetId: string | null): Asset | undefined {
  const { api, queries } = useStudio();
  const { projectId } = useProject();
  return useQuery({
    ...assetsQuery(api, queries, projectId),
    enabled: assetId !== null,
    select: (assets) => (assetId === null ? undefined : assets.get(assetId)),
  }).data;
}

/** A result of a node; undefined while it is not known. */
export function useTake(takeId: string | null): Take | undefined {
  const { api, queries } = useStudio();
  const { projectId } = useProject();
  return useQuery({
    ...takesQuery(api, queries, projectId),
    enabled: takeId !== null,
    select: (takes) => (takeId === null ? undefined : takes.get(takeId)),
  }).data;
}

const NO_TAKES: readonly Take[] = [];

/** All results of a node, in no order. Nothing is asked for a node that has none: `isAsked`. */
export function useTakesOf(nodeId: string, isAsked: boolean): readonly Take[] {
  const { api, queries } = useStudio();
  const { projectId } = useProject();
  const found = useQuery({
    ...takesQuery(api, queries, projectId),
    enabled: isAsked,
    select: (takes): readonly Take[] => [...takes.values()].filter((take) => take.node_id === nodeId),
    // A new take of one node is no news to the others.
    structuralSharing: keepIfSame,
  }).data;
  return found ?? NO_TAKES;
}

function keepIfSame(before: unknown, now: unknown): unknown {
  const isSame =
    Array.isArray(before) &&
    Array.isArray(now) &&
    before.length === now.length &&
    now.every((thing, index) => thing === before[index]);
  return isSame ? before : now;
}

/** A person of the project; undefined while it is not known. */
export function useCharacter(characterId: string | null): Character | undefined {
  const { api } = useStudio();
  const { projectId } = useProject();
  return useQuery({
    ...charactersQuery(api, projectId),
    enabled: characterId !== null,
    select: (characters) => (characterId === null ? undefined : characters.get(characterId)),
  }).data;
}
