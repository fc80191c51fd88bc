"use client";
/** The picture or take that a node shows. Renders again only when that very one changes. */

import { useQuery } from "@tanstack/react-query";
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
