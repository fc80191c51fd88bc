"use client";
/** What the api has answered so far about pictures, takes and models, for the painter: it cannot wait for any of it. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { assetsQuery, takesQuery } from "@/api/media";
import { modelsQuery } from "@/api/models";
import { useStudio } from "@/api/studio";
import { useProject } from "@/live/project-context";
import type { KnownMedia } from "@/nodes/node-type";

/** A new object whenever one of the answers is a new one. */
export function useKnownMedia(): KnownMedia {
  const { api, queries } = useStudio();
  const { projectId } = useProject();
  const assets = useQuery(assetsQuery(api, queries, projectId)).data;
  const takes = useQuery(takesQuery(api, queries, projectId)).data;
  const catalogue = useQuery(modelsQuery(api)).data;
  return useMemo(() => {
    const names = new Map(catalogue?.models.map(({ id, name }) => [id, name]));
    return {
      asset: (assetId) => assets?.get(assetId),
      take: (takeId) => takes?.get(takeId),
      modelName(modelId) {
        const id = modelId ?? catalogue?.default;
        return id === undefined ? "" : (names.get(id) ?? id);
      },
    };
  }, [assets, takes, catalogue]);
}
